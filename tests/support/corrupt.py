#!/usr/bin/env python3
"""corrupt.py DIR: an archive for each way to be wrong, and what is said of it.

Writes DIR/NAME.tar for each row of the table, DIR/good.tar, and DIR/cases: a
line each, "NAME<tab>EXPECTED", a regular expression for one line of verify's
answer, with the file's name and ": " left out.
"""
import gzip
import json
import os
import re
import sys

import image
from image import blob, dump

HEX = "[0-9a-f]{64}"
BLOB = "blobs/sha256/" + HEX


def fresh():
    lower = image.layer([image.directory("app/"), image.file("app/x", b"lower" * 2000, 0o755)])
    upper = image.layer([image.file("app/y", b"upper" * 2000)])
    return image.Image([lower, upper], {"Entrypoint": ["/app/x"]})


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def edit(**changes):
    """A patch that sets keys of a JSON object; None removes."""
    def change(data):
        document = json.loads(data)
        for key, value in changes.items():
            document.pop(key, None)
            if value is not None:
                document[key] = value
        return dump(document)
    return change


def inside(change):
    """A patch that edits a parsed document in place."""
    def patch(data):
        document = json.loads(data)
        change(document)
        return dump(document)
    return patch


def in_first(text):
    """A patch that puts text behind the first brace: a second key."""
    return lambda data: data.replace(b"{", b"{" + text, 1)


def with_members(change):
    """A case that changes the list of members."""
    def make():
        it = fresh()
        return it.bytes(change(it, it.members()))
    return make


def patched(which, change):
    return lambda: fresh().patch(which, change).bytes()


def with_layer(raw=None, packed=None):
    """A case that puts another upper layer in, rightly described."""
    def make():
        it = fresh()
        if raw:
            it.raw[1] = raw(it.raw[1])
            it.config["rootfs"]["diff_ids"][1] = image.digest(it.raw[1])
        it.packed[1] = gzip.compress(it.raw[1], mtime=0)
        if packed:
            it.packed[1] = packed(it.packed[1])
        return it.bytes()
    return make


def changed(which, change):
    """A case that changes a member's bytes and not its name."""
    def find(it):
        return {"layer": it.packed[1], "config": it.members()[3][1],
                "manifest": it.members()[4][1]}[which]

    def make():
        it = fresh()
        data = find(it)
        return it.bytes([(name, change(old) if old == data else old)
                         for name, old in it.members()])
    return make


def ended(**attributes):
    def make():
        it = fresh()
        for key, value in attributes.items():
            setattr(it, key, value)
        return it.bytes()
    return make


def plain_layer():
    it = fresh()
    it.packed[1] = it.raw[1]
    return it.bytes()


def swap(document):
    document[0]["Layers"].reverse()


TABLE = [
    # The bytes of blobs.
    ("layer-byte", changed("layer", lambda d: flip(d, len(d) // 2)),
     BLOB + ": its contents do not have the digest in its name, but sha256:" + HEX),
    ("layer-byte-unpacked", changed("layer", lambda d: flip(d, len(d) - 6)),
     BLOB + ": its tar: broken gzip data .*"),
    ("layer-grown", changed("layer", lambda d: d + b"\0"), "index.json: .*|" + BLOB + ": .* descriptor says .*"),
    ("config-byte", changed("config", lambda d: d.replace(b"amd64", b"amd46")),
     BLOB + ": its contents do not have the digest sha256:" + HEX),
    ("manifest-byte", changed("manifest", lambda d: d.replace(b"tar+gzip", b"tar+gzap")),
     BLOB + ": its contents do not have the digest sha256:" + HEX),
    ("layer-missing", with_members(lambda it, m: [x for x in m if x[0] != blob(it.packed[1])]),
     BLOB + ": " + BLOB + ": missing from the archive"),
    ("blob-dangling", with_members(lambda it, m: m + [(blob(b"left"), b"left")]),
     blob(b"left") + ": nothing refers to it"),
    ("blob-misnamed", with_members(lambda it, m: m + [(blob(b"left"), b"right")]),
     blob(b"left") + ": its contents do not have the digest in its name, but .*"),
    ("member-foreign", with_members(lambda it, m: m + [("notes.txt", b"x")]),
     "notes.txt: nothing refers to it"),
    ("member-twice", with_members(lambda it, m: m + [("index.json", b"{}")]),
     "index.json: twice in the archive"),
    # What descriptors say.
    ("size-wrong", patched("manifest", inside(lambda d: d["layers"][1].update(size=7))),
     BLOB + ": " + BLOB + ": [0-9]+ bytes, its descriptor says 7"),
    ("digest-absent", patched("manifest", inside(lambda d: d["config"].pop("digest"))),
     BLOB + ": a descriptor without a sha256 digest"),
    ("digest-escapes", patched("index", inside(
        lambda d: d["manifests"][0].update(digest="sha256:../../../etc/passwd"))),
     "index.json: a descriptor without a sha256 digest"),
    ("type-wrong", plain_layer, BLOB + r": is not compressed, its descriptor says .*tar\+gzip"),
    # The config.
    ("diff-id-wrong", patched("config", inside(
        lambda d: d["rootfs"]["diff_ids"].__setitem__(1, "sha256:" + "0" * 64))),
     BLOB + ": its tar has the diff_id sha256:" + HEX + ", the config says sha256:0{64}"),
    ("diff-ids-swapped", patched("config", inside(lambda d: d["rootfs"]["diff_ids"].reverse())),
     BLOB + ": its tar has the diff_id .*, the config says .*"),
    ("diff-id-extra", patched("config", inside(
        lambda d: d["rootfs"]["diff_ids"].append("sha256:" + "0" * 64))),
     BLOB + ": 3 diff_ids for 2 layers"),
    ("diff-id-odd", patched("config", inside(
        lambda d: d["rootfs"]["diff_ids"].__setitem__(0, "md5:1"))),
     BLOB + ": diff_id 0 is no digest"),
    ("rootfs-type", patched("config", inside(lambda d: d["rootfs"].update(type="tree"))),
     BLOB + ': rootfs: type is "tree", not "layers"'),
    ("history-long", patched("config", inside(lambda d: d["history"].append({}))),
     BLOB + ": history tells of 3 layers, there are 2"),
    ("platform-differs", patched("config", edit(architecture="arm64")),
     BLOB + ": architecture is arm64, the index says amd64"),
    ("os-missing", patched("config", edit(os=None)), BLOB + ": os is missing"),
    ("config-key-twice", patched("config", in_first(b'"os":"x",')),
     BLOB + ": line 1: duplicate object key.*"),
    ("config-not-json", patched("config", lambda d: d[:-2]), BLOB + ": line 1: .*"),
    ("config-not-utf8", patched("config", lambda d: d.replace(b"test", b"te\xff\xfe")),
     BLOB + ": line 1: .*"),
    # The other documents.
    ("index-key-twice", patched("index", in_first(b'"schemaVersion":2,')),
     "index.json: line 1: duplicate object key.*"),
    ("index-version", patched("index", edit(schemaVersion=1)), "index.json: schemaVersion is not 2"),
    ("index-type", patched("index", edit(mediaType="text/plain")),
     r"index.json: mediaType is not application/vnd.oci.image.index.v1\+json"),
    ("index-empty", patched("index", edit(manifests=None)), "index.json: lists no image"),
    ("manifest-version", patched("manifest", edit(schemaVersion="2")),
     BLOB + ": schemaVersion is not 2"),
    ("layout-missing", with_members(lambda it, m: m[1:]), "oci-layout: missing from the archive"),
    ("layout-version", with_members(
        lambda it, m: [("oci-layout", b'{"imageLayoutVersion":"2.0.0"}')] + m[1:]),
     'oci-layout: imageLayoutVersion is "2.0.0", not "1.0.0"'),
    ("docker-config", patched("docker", inside(lambda d: d[0].update(Config="none.json"))),
     "manifest.json: the config none.json is not in the archive"),
    ("docker-layer-lost", patched("docker", inside(lambda d: d[0]["Layers"].pop())),
     "manifest.json: its config and layers are those of no image in index.json"),
    ("docker-layers-swapped", patched("docker", inside(swap)),
     "manifest.json: its config and layers are those of no image in index.json"),
    ("docker-tag", patched("docker", inside(lambda d: d[0].update(RepoTags=["localhost/y:1"]))),
     "manifest.json: its tag localhost/y:1 is no name of index.json"),
    ("docker-key-twice", patched("docker", in_first(b'"Config":"x",')),
     "manifest.json: line 1: duplicate object key.*"),
    ("docker-empty", patched("docker", lambda d: b"[]"), "manifest.json: lists no image"),
    # The ends of tars.
    ("archive-unended", ended(end=0), "the archive ends without its two zero blocks"),
    ("archive-half-ended", ended(end=512), "the archive ends with one zero block instead of two"),
    ("archive-tail", ended(tail=b"x"), "the archive has something behind its end"),
    ("archive-cut", lambda: fresh().bytes()[:-3000], "truncated archive|.*: truncated archive"),
    # As umoci 0.4.7 writes layers.
    ("layer-unended", with_layer(raw=lambda d: d[:-1024]),
     BLOB + ": its tar ends without its two zero blocks"),
    ("layer-half-ended", with_layer(raw=lambda d: d[:-512]),
     BLOB + ": its tar ends with one zero block instead of two"),
    ("layer-tail", with_layer(raw=lambda d: d + b"x" * 512),
     BLOB + ": its tar has something behind its end"),
    ("layer-cut", with_layer(raw=lambda d: d[:-2048]), BLOB + ": its tar: truncated archive"),
    ("gzip-cut", with_layer(packed=lambda d: d[:-9]), BLOB + ": its tar: truncated gzip data"),
    ("gzip-tail", with_layer(packed=lambda d: d + b"trailing"), BLOB + ": its tar: broken gzip data .*"),
    ("layer-header", with_layer(raw=lambda d: flip(d, 0)),
     BLOB + r": its tar: no tar header \(its checksum is wrong\)"),
]


def main():
    folder = sys.argv[1]

    def write(name, data):
        with open(os.path.join(folder, name), "wb") as out:
            out.write(data)

    write("good.tar", fresh().bytes())
    for name, make, expected in TABLE:
        re.compile(expected)
        write(name + ".tar", make())
    write("cases", "".join(f"{n}\t{e}\n" for n, _, e in TABLE).encode())


main()
