#!/usr/bin/env python3
"""mutate.py PROGRAM FIRST COUNT DIR: archives that somebody has tampered with.

Each is a good image in which one to four things were changed at random, and
described anew, so that digests hold and what reads it gets to the change:
values of documents, and fields and bytes of layers. The numbers from FIRST on
are the seeds.
"""
import gzip
import json
import os
import random
import sys

from image import Image, digest, directory, file, hardlink, layer, symlink

ODD = [None, True, 0, -1, 2**53, 1.5, "", "x", "/", "..", "sha256:" + "0" * 64, "a" * 5000,
       "\u0000", "\u001b[31m", [], [[]], ["x"] * 70, [None], {}, {"": ""}, {"a": {"b": []}}]
PATHS = ["", "/", ".", "..", "../x", "a/../../x", ".wh.", ".wh..wh..opq", ".wh.x", "app/.wh.x",
         "etc", "init", "app/x", "app/x/y", "\x01", "a" * 300, "b/" * 600, "\udcff", "tmp/../tmp",
         "etc/passwd", "etc/pith/service.conf", "etc/pith/service.bpf"]


def program():
    with open(sys.argv[1], "rb") as source:
        return source.read()


X = program()
CONF = b"[Service]\nLimitNOFILE=64\nUser=7\n"


def fresh(dice):
    own = dice.choice(["etc/pith/service.conf", "etc/x.conf", "etc/x.conf"])
    lower = [directory("./"), directory("etc"), file("etc/passwd", b"a:x:7:8::/:\n"), directory("app"),
             file("app/x", X, 0o755), symlink("l", "app/x"), hardlink("h", "app/x")]
    upper = [file(own, CONF), file("app/.wh.y"), file("y", b"#!/app/x\n", 0o755)]
    it = Image([layer(lower)], {"Entrypoint": ["/app/x"], "Cmd": ["y"], "User": "7:8", "Env": ["A=1"],
                                "Healthcheck": {"Test": ["CMD", "/l"]}, "StopSignal": "SIGINT",
                                "ExposedPorts": {"1/tcp": {}}, "WorkingDir": "/app"})
    return it, [lower, upper]


def nodes(value, path=()):
    """Every place in a document, as (container, key)."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for key, inner in list(items):
        yield value, key
        yield from nodes(inner, path + (key,))


def change_document(dice, document):
    container, key = dice.choice(list(nodes(document)))
    act = dice.randrange(4)
    if act == 0:
        del container[key]
    elif act == 1 and isinstance(container, list):
        container.extend([container[key]] * dice.choice([1, 3, 600]))
    else:
        container[key] = dice.choice(ODD)


def change_entry(dice, entries):
    at = dice.randrange(len(entries))
    info, data = entries[at]
    info = info.replace(mtime=0, deep=False) if hasattr(info, "replace") else info
    act = dice.randrange(7)
    if act == 0:
        info.name = dice.choice(PATHS)
    elif act == 1:
        info.linkname = dice.choice(PATHS)
    elif act == 2:
        info.type = dice.choice(b"0123456789xgLKSDVA\0").to_bytes(1, "little")
    elif act == 3:
        info.mode, info.uid, info.gid = dice.choice([0, 0o7777]), dice.choice([0, 7, 2**32, 2**60]), 2**31
    elif act == 4:
        info.size = dice.choice([0, 1, 511, 512, len(data) + 513, 2**33, 2**62])
    elif act == 5:
        cut = bytearray(data or b"#!")
        for _ in range(dice.randrange(1, 9)):
            cut[dice.randrange(min(len(cut), 512))] = dice.randrange(256)
        data = bytes(cut)
    else:
        info.pax_headers = {"SCHILY.xattr." + dice.choice(["security.capability", "user.a", "\n"]):
                            dice.choice(["", "x", "y" * 70000])}
    entries.insert(dice.randrange(len(entries)), (info, data)) if dice.random() < 0.3 else None
    entries[at] = (info, data)


def change_bytes(dice, raw):
    data = bytearray(raw)
    for _ in range(dice.randrange(1, 5)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data[:dice.choice([len(data), len(data), len(data) - 700])])


def make(seed):
    dice = random.Random(seed)
    it, layers = fresh(dice)
    raws = []
    for entries in layers:
        for _ in range(dice.choice([0, 0, 1, 2])):
            change_entry(dice, entries)
        try:
            raw = layer(entries)
        except (ValueError, UnicodeError, OverflowError):
            raw = layer(entries[:1])
        raws.append(change_bytes(dice, raw) if dice.random() < 0.1 else raw)
    other = Image(raws, it.config["config"])
    if dice.random() < 0.1:
        other.packed[0] = change_bytes(dice, other.packed[0])
    if dice.random() < 0.1:
        other.packed[1], other.types[1] = raws[1], "application/vnd.oci.image.layer.v1.tar"
    for which in ("config", "manifest", "index", "docker"):
        if dice.random() < 0.35:
            def patch(data):
                document = json.loads(data)
                change_document(dice, document)
                return json.dumps(document).encode("utf-8", "replace")
            other.patch(which, patch)
    return other


def main():
    first, count, folder = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    for seed in range(first, first + count):
        make(seed).write(os.path.join(folder, f"{seed}.tar"))


main()
