"""Image archives for tests, byte by byte: what no builder would write.

    import image
    it = image.Image([image.layer([image.file("app/x", b"...")])])
    it.write("x.tar")

An Image is written as one file that is both an OCI layout and a
docker-archive, as pith does it. Whatever a test wants to break it changes
before write(): the config, a document after it was made (patch), or the list
of members just before they become a tar (members).
"""
import gzip
import hashlib
import io
import json
import tarfile

OCI = "application/vnd.oci.image."


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def blob(data):
    return "blobs/sha256/" + digest(data)[7:]


def file(path, data=b"", mode=0o644, **more):
    return entry(path, tarfile.REGTYPE, mode, data=data, **more)


def directory(path, mode=0o755, **more):
    return entry(path, tarfile.DIRTYPE, mode, **more)


def symlink(path, to, **more):
    return entry(path, tarfile.SYMTYPE, 0o777, link=to, **more)


def hardlink(path, to, **more):
    return entry(path, tarfile.LNKTYPE, 0o644, link=to, **more)


def entry(path, kind, mode, data=b"", link="", uid=0, gid=0, mtime=0, xattrs=None, dev=None):
    """One entry as (TarInfo, data); xattrs maps names to text."""
    info = tarfile.TarInfo(path)
    info.type, info.mode, info.linkname = kind, mode, link
    info.uid, info.gid, info.mtime, info.size = uid, gid, mtime, len(data)
    if dev:
        info.devmajor, info.devminor = dev
    for name, value in (xattrs or {}).items():
        info.pax_headers["SCHILY.xattr." + name] = value
    return info, data


def layer(entries, end=1024):
    """The bytes of a tar that ends with that many zeros."""
    out = io.BytesIO()
    for info, data in entries:
        out.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
        out.write(data + bytes(-len(data) % 512))
    return out.getvalue() + bytes(end)


def dump(document):
    return json.dumps(document, separators=(",", ":")).encode()


class Image:
    def __init__(self, layers, config=None, name="localhost/x", tag="1"):
        self.raw = list(layers)
        self.packed = [gzip.compress(raw, mtime=0) for raw in layers]
        self.types = [OCI + "layer.v1.tar+gzip"] * len(layers)
        self.name, self.tag = name, tag
        self.config = {
            "architecture": "amd64",
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": config or {},
            "rootfs": {"type": "layers", "diff_ids": [digest(raw) for raw in layers]},
            "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "test"} for _ in layers],
        }
        self.patches = {}
        self.end = 1024
        self.tail = b""

    def patch(self, which, change):
        """change(bytes) -> bytes of config, manifest, index or docker."""
        self.patches[which] = change
        return self

    def document(self, which, value):
        data = dump(value)
        return self.patches[which](data) if which in self.patches else data

    def descriptor(self, kind, data, **more):
        return {"mediaType": kind, "digest": digest(data), "size": len(data), **more}

    def members(self):
        """(name, bytes) in the archive's order."""
        config = self.document("config", self.config)
        layers = [self.descriptor(t, p) for t, p in zip(self.types, self.packed)]
        manifest = self.document("manifest", {
            "schemaVersion": 2,
            "mediaType": OCI + "manifest.v1+json",
            "config": self.descriptor(OCI + "config.v1+json", config),
            "layers": layers,
        })
        index = self.document("index", {
            "schemaVersion": 2,
            "mediaType": OCI + "index.v1+json",
            "manifests": [self.descriptor(
                OCI + "manifest.v1+json", manifest,
                platform={"architecture": "amd64", "os": "linux"},
                annotations={
                    "io.containerd.image.name": f"{self.name}:{self.tag}",
                    "org.opencontainers.image.ref.name": self.tag,
                })],
        })
        docker = self.document("docker", [{
            "Config": blob(config),
            "RepoTags": [f"{self.name}:{self.tag}"],
            "Layers": [blob(packed) for packed in self.packed],
        }])
        return [("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'),
                *[(blob(packed), packed) for packed in dict.fromkeys(self.packed)],
                (blob(config), config), (blob(manifest), manifest),
                ("index.json", index), ("manifest.json", docker)]

    def bytes(self, members=None):
        entries = [file(name, data) for name, data in members or self.members()]
        return layer(entries, self.end) + self.tail

    def write(self, path, members=None):
        with open(path, "wb") as out:
            out.write(self.bytes(members))
