#!/usr/bin/env python3
"""lint.py PROGRAMS DIR: for each rule of pith lint two images.

Writes DIR/RULE-bad.tar, which breaks the rule, and DIR/RULE-good.tar, which
comes near and does not; and DIR/cases, the rules. PROGRAMS holds static,
dynamic, paths (a program that knows of certificates, zones and its builder's
home) and service.bpf (a filter for static as /app/x).
"""
import os
import struct
import sys

import image
from image import Image, directory, entry, file, hardlink, layer, symlink

PROGRAMS = sys.argv[1]


def read(name):
    with open(os.path.join(PROGRAMS, name), "rb") as source:
        return source.read()


STATIC, DYNAMIC, PATHS, FILTER = map(read, ["static", "dynamic", "paths", "service.bpf"])
ARM = STATIC[:18] + struct.pack("<H", 183) + STATIC[20:]
KEY = b"-----BEGIN %sPRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----\n"
TMP = directory("tmp", 0o1777)
APP = file("app/x", STATIC, 0o755)
PASSWD = file("etc/passwd", b"root:x:0:0::/:\napp:x:7:7::/:\n")
CONFIG = {"Entrypoint": ["/init", "--", "/app/x"], "User": "7:7"}
CONF = b"[Service]\n"
BASE = [TMP, directory("app"), APP, PASSWD, file("init", STATIC + b"i", 0o755)]


def img(*more, conf=CONF, bpf=FILTER, base=BASE, layers=(), change=None, name="x", **config):
    """The base and more entries, then more layers; keys of the config."""
    ours = [file("etc/pith/service.conf", conf)] * bool(conf)
    ours += [file("etc/pith/service.bpf", bpf)] * bool(bpf)
    lower = layer([*base, *ours, *more])
    settings = {key: value for key, value in {**CONFIG, **config}.items() if value is not None}
    it = Image([lower, *map(layer, layers)], settings)
    if change:
        change(it)
    return it


def without_manifest(it):
    members = it.members()[:-1]
    it.members = lambda: members


def zstd(it):
    # A frame of what is not compressed, RFC 8878: magic, 4 bytes of size, blocks.
    raw = it.raw[0]
    parts = [raw[i:i + 65536] for i in range(0, len(raw), 65536)]
    heads = [(len(p) << 3 | (p is parts[-1])).to_bytes(3, "little") for p in parts]
    it.packed[0] = b"\x28\xb5\x2f\xfd\xa0" + len(raw).to_bytes(4, "little") + b"".join(
        head + part for head, part in zip(heads, parts))
    it.types[0] = it.types[0].replace("gzip", "zstd")


def bad_diff_id(it):
    it.config["rootfs"]["diff_ids"][0] = "sha256:" + "0" * 64


def times(it):
    it.config["history"][0]["created"] = "2026-03-04T05:06:07.123Z"


def midnight(it):
    it.config["created"] = "2026-03-04T00:00:00Z"


def health(*test, **more):
    return {"Test": list(test), **more}


def labels(derived, traced):
    return {"pith.filter.derived": derived, "pith.filter.traced": traced}


def other(*entries):
    """The base with its program replaced."""
    return [TMP, directory("app"), PASSWD, file("init", STATIC + b"i", 0o755), *entries]


def sized(size):
    return file("usr/data", os.urandom(16) + bytes(size - 16))


def pax(path, name, value):
    return file(path, b"x", 0o755, xattrs={name: value})


LIBC, LOADER = "lib/libc.so.6", "lib64/ld-linux-x86-64.so.2"
LOADER_FILE, LIBC_FILE = file(LOADER, b"l", 0o755), file(LIBC, b"c")
DPKG = file("var/lib/dpkg/info/x.list", b"/.\n/app\n/app/x\n/init\n/usr/bin/y\n")

TABLE = {
    "archive": (img(change=bad_diff_id), img()),
    "zstd-layer": (img(change=zstd), img()),
    "oci-only": (img(change=without_manifest), img()),
    "duplicate-path": (img(file("y"), file("./y")), img(file("y"), layers=[[file("y")]])),
    "hardlink-order": (img(hardlink("z", "y"), file("y")), img(file("y"), hardlink("z", "y"))),
    "whiteout-own": (img(layers=[[file("y"), file(".wh.y")]]),
                     img(file("y"), layers=[[file(".wh.y")], [file("y")]])),
    "below-link": (img(symlink("l", "app"), file("l/y")),
                   img(symlink("l", "app"), layers=[[directory("l"), file("l/y")]])),
    "odd-name": (img(file("a/../../b")), img(file("a/..b/...", b""))),
    "device-node": (img(entry("null", b"3", 0o666, dev=(1, 3))), img(symlink("null", "/dev/null"))),
    "many-layers": (img(layers=[[file(f"{n}")] for n in range(20)]),
                    img(layers=[[file(f"{n}")] for n in range(19)])),
    "big-image": (img(sized(25_000_001)), img(sized(23_000_000))),
    "hidden-files": (img(sized(5000), layers=[[file("usr/.wh.data")]]),
                     img(sized(5000), layers=[[file("usr/y")]])),
    "duplicate-files": (img(file("y", b"y" * 4096), file("z", b"y" * 4096)),
                        img(file("y", b"y" * 4096), hardlink("z", "y"))),
    "setuid": (img(file("y", b"y", 0o4755)), img(directory("y", 0o4755))),
    "setgid": (img(file("y", b"y", 0o2755)), img(directory("y", 0o2755))),
    "file-capability": (img(pax("y", "security.capability", "x")), img(pax("y", "user.cap", "x"))),
    "world-writable": (img(file("y", b"", 0o666)), img(directory("y", 0o1777), symlink("l", "y"))),
    "writable-program": (img(base=other(file("app/x", STATIC, 0o755, uid=7))),
                         img(base=other(file("app/x", STATIC, 0o755, uid=1)))),
    "root-user": (img(User=None), img(User=None, conf=b"[Service]\nUser=7\n")),
    "user-name": (img(User="app"), img(User="7")),
    "user-unknown": (img(User="8:7"), img(User="7:8")),
    "owner-unknown": (img(file("y", uid=9)), img(file("y", uid=7))),
    "no-program": (img(Entrypoint=["/init", "--"]), img(Entrypoint=["/init"], Cmd=["/app/x"])),
    "program-missing": (img(Entrypoint=["/init", "--", "y"]),
                        img(Entrypoint=["/init", "--", "x"], Env=["PATH=/bin:/app"])),
    "program-mode": (img(base=other(file("app/x", STATIC, 0o754))),
                     img(base=other(file("app/x", STATIC, 0o754, gid=7)))),
    "program-arch": (img(base=other(file("app/x", ARM, 0o755))), img()),
    "shell-entrypoint": (img(file("bin/sh", STATIC, 0o755), Entrypoint=["/bin/sh", "-c", "x"]),
                         img(file("bin/fresh", STATIC, 0o755), Entrypoint=["/bin/fresh"])),
    "script-program": (img(base=other(file("app/x", b"#! /bin/y -e\n", 0o755))), img()),
    "no-init": (img(Entrypoint=["/app/x"]), img(file("sbin/tini", STATIC, 0o755),
                                                Entrypoint=["/sbin/tini", "-g", "--", "/app/x"])),
    "no-filter": (img(bpf=b""), img()),
    "allow-exec": (img(conf=CONF + b"AllowExec=yes\n"), img(conf=CONF + b"AllowExec=no\n")),
    "any-program": (img(conf=CONF + b"AnyProgram=yes\n"), img()),
    "pith-broken": (img(bpf=FILTER[:-1]), img(conf=CONF + b"# nothing\n")),
    "filter-program": (img(base=other(file("app/x", STATIC + b"+", 0o755))), img()),
    "traced-unknown": (img(Labels=labels("write", "write getppid")),
                       img(Labels=labels("write getppid", "write getppid"))),
    "traced-refused": (img(Labels=labels("write getppid", "write getppid")),
                       img(Labels=labels("write getppid", "write"))),
    "stop-timeout": (img(conf=CONF + b"TimeoutStopSec=9\nForwardDelaySec=1\n"),
                     img(conf=CONF + b"TimeoutStopSec=9\n")),
    "stop-timeout-kubernetes": (img(conf=CONF + b"TimeoutStopSec=infinity\n"),
                                img(conf=CONF + b"TimeoutStopSec=29\n")),
    "stop-signal": (img(StopSignal="SIGKILL"), img(StopSignal="SIGTSTP")),
    "shell-health": (img(file("bin/sh", STATIC, 0o755), Healthcheck=health("CMD-SHELL", "true")),
                     img(Healthcheck=health("CMD", "/init", "--probe", "tcp://localhost:1"))),
    "health-missing": (img(Healthcheck=health("CMD", "curl", "localhost")),
                       img(Healthcheck=health("NONE", "curl"))),
    "shell-present": (img(symlink("usr/bin/bash", "/init")), img(file("usr/share/bash"))),
    "package-manager": (img(file("sbin/apk", b"x", 0o755)), img(file("cabin/apk", b"x", 0o755))),
    "package-cache": (img(file("var/lib/apt/lists/x", b"x")), img(directory("var/lib/apt/lists"))),
    "ca-missing": (img(file("y", PATHS)),
                   img(file("y", PATHS), file("etc/ssl/certs/ca-certificates.crt", b"x"))),
    "tzdata-missing": (img(file("y", PATHS)), img(file("y", PATHS), file("usr/share/zoneinfo/UTC"))),
    "build-path": (img(file("y", PATHS)), img(file("y", PATHS.replace(b"/home/joe", b"/home/\0oe")))),
    "library-missing": (img(file("y", DYNAMIC), LOADER_FILE),
                        img(file("y", DYNAMIC), LOADER_FILE, LIBC_FILE)),
    "loader-missing": (img(file("y", DYNAMIC), LIBC_FILE),
                       img(file("y", DYNAMIC), LIBC_FILE, symlink("lib64", "usr/lib"),
                           file("usr/lib/ld-linux-x86-64.so.2", b"l"))),
    "unowned-program": (img(DPKG, file("y", STATIC)), img(DPKG, file("bin/y", STATIC))),
    "no-tmp": (img(layers=[[file(".wh.tmp")]]), img()),
    "tmp-mode": (img(layers=[[directory("tmp", 0o755)]]), img()),
    "dangling-link": (img(symlink("l", "app/y")),
                      img(symlink("l", "app/x"), symlink("m", "/dev/stdout"), symlink("n", "app"),
                          symlink("o", "n/x"), symlink("p", "y"), file("y/z"))),
    "link-escapes": (img(symlink("app/l", "../../app/x")), img(symlink("app/l", "../app/x"))),
    "secret-key": (img(file("y", KEY % b"RSA "), layers=[[file(".wh.y")]]),
                   img(file("y", KEY % b"rsa "), file("z", b"-----BEGIN PRIVATE KEY-----"))),
    "secret-file": (img(file("app/.env", b"A=1")), img(file("app/.environment", b"A=1"))),
    "secret-env": (img(Env=["DB_PASSWORD=x"]), img(Env=["DB_PASSWORD_FILE=/x", "DB_PASSWORD="])),
    "low-port": (img(ExposedPorts={"80/tcp": {}}), img(ExposedPorts={"80/tcp": {}}, User="0")),
    "created-time": (img(change=times), img(change=midnight)),
    "file-times": (img(file("y", mtime=1)), img(directory("y", mtime=1))),
    "workdir-missing": (img(WorkingDir="/none"), img(file("z/y"), WorkingDir="/z/.")),
}


def main():
    folder = sys.argv[2]
    for rule, (bad, good) in TABLE.items():
        bad.write(os.path.join(folder, rule + "-bad.tar"))
        good.write(os.path.join(folder, rule + "-good.tar"))
    img().write(os.path.join(folder, "clean.tar"))
    with open(os.path.join(folder, "cases"), "w", encoding="utf-8") as out:
        out.writelines(rule + "\n" for rule in TABLE)


main()
