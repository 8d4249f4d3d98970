#!/usr/bin/python3
"""cri.py SOCKET SERVICE METHOD [JSON]: what a kubelet asks of containerd.

SERVICE is RuntimeService or ImageService of CRI v1. The answer is one line of
JSON. containerd has the description of the messages in itself, compressed.
"""
import json
import shutil
import sys
import zlib

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message
from google.protobuf import message_factory

PACKAGE = "runtime.v1"
LARGEST = 4 * 1024 * 1024


def described(path):
    """The file description of CRI v1, out of containerd's program."""
    with open(path, "rb") as program:
        data = program.read()
    at = data.find(b"\x1f\x8b\x08")
    while at >= 0:
        try:
            text = zlib.decompressobj(31).decompress(data[at : at + LARGEST], LARGEST)
            found = descriptor_pb2.FileDescriptorProto.FromString(text)
            if found.package == PACKAGE and found.service:
                return found
        except (zlib.error, UnicodeDecodeError, message.DecodeError):
            pass
        at = data.find(b"\x1f\x8b\x08", at + 1)
    sys.exit(f"cri.py: {path}: describes no {PACKAGE}")


def main(socket, service, method, request="{}"):
    description = described(shutil.which("containerd"))
    # What it imports are options for the code of another language.
    description.ClearField("dependency")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(description)
    call = pool.FindServiceByName(f"{PACKAGE}.{service}").methods_by_name[method]
    factory = message_factory.MessageFactory(pool)
    ask, answer = (factory.GetPrototype(t) for t in (call.input_type, call.output_type))
    with grpc.insecure_channel(f"unix://{socket}") as channel:
        invoke = channel.unary_unary(
            f"/{PACKAGE}.{service}/{method}",
            request_serializer=ask.SerializeToString,
            response_deserializer=answer.FromString,
        )
        try:
            reply = invoke(json_format.Parse(request, ask()), timeout=60)
        except grpc.RpcError as error:
            sys.exit(f"cri.py: {method}: {error.details()}")
    print(json.dumps(json_format.MessageToDict(reply, preserving_proto_field_name=True)))


main(*sys.argv[1:])
