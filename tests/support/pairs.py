#!/usr/bin/env python3
"""pairs.py DIR: two images for each row, and what pith diff says of them.

Writes DIR/NAME-a.tar, DIR/NAME-b.tar and DIR/NAME.expected, and DIR/cases, the
names. A row is the entries of both and the expected lines; entries may be a
list of layers, and come with a config behind them.
"""
import os
import sys

from image import Image, digest, directory, file, hardlink, layer, symlink

HI, HII, NIL = digest(b"hi"), digest(b"hii"), digest(b"")
CONF = b"[Service]\nLimitNOFILE=64\nUMask=077\n"
CONG = b"[Service]\nLimitNOFILE=65\nUser=5\n"
hi = file("x", b"hi")


def both(key, a, b, *expected):
    """A row where one key of the config differs."""
    return ([hi], {key: a}), ([hi], {key: b}), expected


def top(key, value):
    return lambda it: it.config.update({key: value})


TABLE = {
    "same": ([hi], [hi], []),
    # How it is cut into layers, in which order and when, does not count.
    "cut": ([[hi, file("y")]], [[file("y")], [hi]], []),
    "rewritten": ([hi], [[file("x", b"ho")], [hi]], []),
    "times": ([hi], [file("x", b"hi", mtime=7)], []),
    "slashes": ([hi, directory("d/")], [file("./x", b"hi"), directory("/d")], []),
    "deleted": ([hi], [[hi, file("y")], [file(".wh.y")]], []),
    "added": ([hi], [hi, file("d/y", b"hi", 0o4755, uid=1, gid=2)],
              ["+ file /d/y: file, mode 04755, owner 1:2, content 2 bytes, " + HI]),
    "removed": ([hi, symlink("y", "x")], [hi],
                ["- file /y: symbolic link, mode 0777, owner 0:0, link x"]),
    "mode": ([hi], [file("x", b"hi", 0o755)], ["~ file /x: mode: 0644 -> 0755"]),
    "owner": ([hi], [file("x", b"hi", uid=7, gid=8)], ["~ file /x: owner: 0:0 -> 7:8"]),
    "content": ([hi], [file("x", b"hii")],
                ["~ file /x: content: 2 bytes, " + HI + " -> 3 bytes, " + HII]),
    "type": ([hi], [directory("x")], ["~ file /x: type: file -> directory"]),
    "link": ([symlink("l", "a")], [symlink("l", "b")], ["~ file /l: link: a -> b"]),
    "hardlink": ([hi, file("y"), hardlink("l", "x")], [hi, file("y"), hardlink("l", "./y")],
                 ["~ file /l: link: x -> y"]),
    "xattrs": ([file("x", b"hi", xattrs={"user.b": "2", "user.a": "1"})],
               [file("x", b"hi", xattrs={"user.a": "1"})],
               ["~ file /x: xattrs: user.a=31 user.b=32 -> user.a=31"]),
    "xattrs-order": ([file("x", b"hi", xattrs={"user.b": "2", "user.a": "1"})],
                     [file("x", b"hi", xattrs={"user.a": "1", "user.b": "2"})], []),
    "neighbours": ([file("a/x"), file("a-b"), file("b")], [file("a/x"), file("a/y"), file("b")],
                   ["+ file /a/y: file, mode 0644, owner 0:0, content 0 bytes, " + NIL,
                    "- file /a-b: file, mode 0644, owner 0:0, content 0 bytes, " + NIL]),
    "entrypoint": both("Entrypoint", ["/x"], ["/x", "y z"],
                       '~ config Entrypoint: ["/x"] -> ["/x","y z"]'),
    "entrypoint-lost": both("Entrypoint", ["/x"], None, '- config Entrypoint: ["/x"]'),
    "empty-is-absent": both("Cmd", [], None),
    "env": both("Env", ["A=1", "B=2", "C=3"], ["C=3", "A=9", "D=4"], "~ config Env.A: 1 -> 9",
                "- config Env.B: 2", "+ config Env.D: 4"),
    "user": both("User", "", "65532:65532", "+ config User: 65532:65532"),
    "labels": both("Labels", {"a.b": "1", "c": "2"}, {"a.b": "3", "c": "2"},
                   "~ config Labels.a.b: 1 -> 3"),
    "health": both("Healthcheck", {"Test": ["CMD", "/x"], "Retries": 3},
                   {"Test": ["CMD", "/x"], "Retries": 5}, "~ config Healthcheck.Retries: 3 -> 5"),
    "ports": both("ExposedPorts", {"80/tcp": {}}, {"80/tcp": {}, "53/udp": {}},
                  "+ config ExposedPorts: 53/udp"),
    "volumes": both("Volumes", {"/data": {}}, None, "- config Volumes: /data"),
    "platform": (([hi], {}), ([hi], {}, top("architecture", "arm64")),
                 ["~ config architecture: amd64 -> arm64"]),
    "created": (([hi], {}), ([hi], {}, top("created", "2026-01-01T00:00:00Z")),
                ["~ config created: 1970-01-01T00:00:00Z -> 2026-01-01T00:00:00Z"]),
    "service": ([file("etc/pith/service.conf", CONF)], [file("etc/pith/service.conf", CONG)],
                ["- service UMask: 077", "~ service LimitNOFILE: 64 -> 65", "+ service User: 5",
                 "~ file /etc/pith/service.conf: content: 35 bytes, " + digest(CONF) +
                 " -> 32 bytes, " + digest(CONG)]),
    # Control characters do not reach the terminal.
    "terminal": ([hi], [hi, symlink("y\x1b[31m", "\n+ z")],
                 ["+ file /y?[31m: symbolic link, mode 0777, owner 0:0, link ?+ z"]),
}


def make(what):
    entries, config, change = (*what, None, None)[:3] if isinstance(what, tuple) else (what, None, None)
    layers = entries if isinstance(entries[0], list) else [entries]
    it = Image([layer(one) for one in layers], config)
    if change:
        change(it)
    return it


def main():
    folder = sys.argv[1]
    for name, (a, b, expected) in TABLE.items():
        make(a).write(os.path.join(folder, name + "-a.tar"))
        make(b).write(os.path.join(folder, name + "-b.tar"))
        with open(os.path.join(folder, name + ".expected"), "w", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in expected)
    with open(os.path.join(folder, "cases"), "w", encoding="utf-8") as out:
        out.writelines(name + "\n" for name in TABLE)


main()
