"""A provider of gRPC and its caller, with the library most Python programs use.

`serve` prints its port, and ends with its standard input; `call ADDRESS` calls each method, `find
ADDRESS` finds and fails to; `ask ADDRESS WORD ...` asks for these answers and prints what came; `meet
VARIABLE WORD ...` does so at the address that a variable tells, as programs do: through a proxy.
`test VARIABLE` are the tests of a caller that needs the state of what it finds, and can do without
what it watches.
"""

import os
import sys
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2

ORDER = bytes([8, 7, 18, 4]) + b"lamp"
PAID = bytes([8, 7, 24, 1])
KEY = bytes([8, 7])
GONE = bytes([8, 9])


def described():
    file = descriptor_pb2.FileDescriptorProto(name="shop.proto", package="shop", syntax="proto3")
    key = file.message_type.add(name="Key")
    key.field.add(name="id", number=1, label=1, type=3)
    order = file.message_type.add(name="Order")
    order.field.add(name="id", number=1, label=1, type=3)
    order.field.add(name="note", number=2, label=1, type=9)
    service = file.service.add(name="Orders")
    service.method.add(name="Get", input_type=".shop.Key", output_type=".shop.Order")
    service.method.add(
        name="Watch", input_type=".shop.Key", output_type=".shop.Order", server_streaming=True
    )
    return file.SerializeToString()


def field(number, content):
    size = len(content)
    length = [size] if size < 128 else [size & 127 | 128, size >> 7]
    return bytes([number << 3 | 2, *length]) + content


def tell(questions, _):
    for question in questions:
        if question[0] == 7 << 3 | 2:
            yield field(6, field(1, field(1, b"shop.Orders")))
        else:
            yield field(4, field(1, described()))


def find(key, context):
    if key == GONE:
        context.abort(grpc.StatusCode.NOT_FOUND, "gone")
    if key == b"":
        context.abort(grpc.StatusCode.UNAVAILABLE, "later")
    return PAID


def serve():
    orders = {
        "Find": grpc.unary_unary_rpc_method_handler(find),
        "Get": grpc.unary_unary_rpc_method_handler(lambda *_: ORDER),
        "Watch": grpc.unary_stream_rpc_method_handler(lambda *_: iter([ORDER, KEY, ORDER])),
        "Drop": grpc.unary_unary_rpc_method_handler(lambda *_: b""),
    }
    asked = {"ServerReflectionInfo": grpc.stream_stream_rpc_method_handler(tell)}
    server = grpc.server(futures.ThreadPoolExecutor(4), compression=grpc.Compression.Gzip)
    server.add_generic_rpc_handlers((
        grpc.method_handlers_generic_handler("shop.Orders", orders),
        grpc.method_handlers_generic_handler("grpc.reflection.v1alpha.ServerReflection", asked),
    ))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(None)


def call(address):
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(address, options, compression=grpc.Compression.Gzip) as channel:
        for _ in range(3):
            assert channel.unary_unary("/shop.Orders/Get")(KEY) == ORDER
            assert list(channel.unary_stream("/shop.Orders/Watch")(KEY)) == [ORDER, KEY, ORDER]
        assert channel.unary_unary("/shop.Orders/Drop")(KEY) == b""


def outcome(ask):
    try:
        return ask()
    except grpc.RpcError as error:
        return error.code().name, error.details()


def opened(address):
    return grpc.insecure_channel(address, [("grpc.enable_http_proxy", 0)])


def find_all(address):
    with opened(address) as channel:
        for key in [KEY] * 4 + [GONE] * 2 + [b""]:
            outcome(lambda: channel.unary_unary("/shop.Orders/Find")(key))
        for _ in range(2):
            list(channel.unary_stream("/shop.Orders/Watch")(KEY))


def ask(channel, words):
    with channel:
        for word in words:
            method, _, wanted = word.partition("=")
            metadata = [("x-plumb-answer", wanted)] if wanted else []
            ask_for = channel.unary_unary("/shop.Orders/" + method)
            if method == "Watch":
                ask_many = channel.unary_stream("/shop.Orders/Watch")
                came = outcome(lambda: [m.hex() for m in ask_many(KEY, metadata=metadata)])
            else:
                came = outcome(lambda: ask_for(KEY, metadata=metadata).hex())
            print(word, came)


def varint(message, at):
    number, shift = 0, 0
    while True:
        number |= (message[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if message[at - 1] < 128:
            return number, at


def numbers(message):
    found, at = {}, 0
    while at < len(message):
        key, at = varint(message, at)
        value, at = varint(message, at)
        if key & 7 == 2:
            at += value
        found[key >> 3] = value
    return found


def test(channel):
    with channel:
        order = numbers(channel.unary_unary("/shop.Orders/Find")(KEY))
        assert order[3] in (0, 1, 2), order
        try:
            list(channel.unary_stream("/shop.Orders/Watch")(KEY))
        except grpc.RpcError:
            pass


if __name__ == "__main__":
    match sys.argv[1]:
        case "serve":
            serve()
        case "call":
            call(sys.argv[2])
        case "find":
            find_all(sys.argv[2])
        case "ask":
            ask(opened(sys.argv[2]), sys.argv[3:])
        case "meet":
            ask(grpc.insecure_channel(os.environ[sys.argv[2]]), sys.argv[3:])
        case "test":
            test(grpc.insecure_channel(os.environ[sys.argv[2]]))
