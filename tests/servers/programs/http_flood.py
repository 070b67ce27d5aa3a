"""A hostile HTTP server, or proxy: http_flood.py PORT [tunnel to |early ]FLOOD[ in TLS] [PEM].

It floods each connection with one of `FLOODS`, for as long as it is read; it is a process of its
own with a thread for each connection, so that it is faster than fthg. As "relay" it is an honest
proxy for CONNECT.
"""

from __future__ import annotations

import os
import re
import select
import socket
import ssl
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, count, repeat
from typing import Callable

_PIECE = 1 << 16
_OK = b"HTTP/1.1 200 OK\r\n"
_BUSY = b"HTTP/1.1 503 Busy\r\n"  # as good as any; and no file is stored here
_CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
_TINY = b"1\r\nx\r\n" * 20_000
_FIELDS = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 90) for number in range(1000))
_HELLO_REQUESTS = b"\x16\x03\x03" + (16_000).to_bytes(2, "big") + bytes(16_000)

Pieces = Iterable[bytes]


def _flood(head: bytes, text: bytes) -> Callable[[], Pieces]:
    """Return a function that returns the head and then the text, repeated without end."""
    return lambda: chain([head], repeat(text))


def _heads() -> Iterator[bytes]:
    """Yield 1xx answers that are all different, and nearly as long as one may be."""
    for number in count():
        yield b"HTTP/1.1 102 Wait\r\nX-N: %d\r\nX-Long: %b\r\n\r\n" % (number, b"y" * 64_000)


FLOODS: dict[str, Callable[[], Pieces]] = {
    "body": _flood(_BUSY + b"Connection: close\r\n\r\n", b"x" * _PIECE),
    "tiny chunks": _flood(_BUSY + _CHUNKED, _TINY),
    "interim answers": _flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "interim heads": _heads,
    "head": _flood(_BUSY, _FIELDS),
    "head in spaces": _flood(_BUSY + b"A: b\r\n", b" " * _PIECE),
    "spaces and a NUL": lambda: [_BUSY + b"X: x\r\n" + b" " * 64_000 + b"\0\r\n\r\n"],
    "trailers": _flood(_BUSY + _CHUNKED + b"0\r\n", _FIELDS),
    "long reason": _flood(b"HTTP/1.1 503 ", b"x" * _PIECE),
    "long extension": _flood(_BUSY + _CHUNKED + b"1;", b"x" * _PIECE),
    "refusal in tiny chunks": _flood(b"HTTP/1.1 407 No\r\n" + _CHUNKED, _TINY),
    "unasked answers": _flood(b"", (_BUSY + b"Content-Length: 0\r\n\r\n") * 1000),
    "HelloRequest": _flood(b"", _HELLO_REQUESTS),
    "empty records": _flood(b"", b"\x16\x03\x03\x00\x00" * 10_000),
    "tickets": list,
}
"""The bytes that answer a request, CONNECT too; "early" ones answer its head."""

_AFTER_HELLO = ("HelloRequest", "empty records")
_UNASKED = "unasked answers"


def _serve(stream: socket.socket, name: str, pem: str) -> None:
    """Flood one connection, or relay it, until it ends."""
    with suppress(OSError), stream:
        if name.endswith(" in TLS"):
            stream = _in_tls(stream, name, pem)
        flood = name.replace(" in TLS", "").replace("tunnel to ", "").replace("early ", "")
        if name.startswith("tunnel to "):
            _read_head(stream)
            stream.sendall(_OK + b"\r\n")
        if flood in _AFTER_HELLO:
            stream.recv(_PIECE)
        elif flood == "relay":
            _relay(stream, _read_head(stream).split()[1].decode())
            return
        elif flood != _UNASKED:
            _read_request(stream, with_body=not name.startswith("early "))
        for piece in FLOODS[flood]():
            stream.sendall(piece)
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(_PIECE):  # closed with bytes unread, it would take back what it sent
            pass


def _in_tls(stream: socket.socket, name: str, pem: str) -> socket.socket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.num_tickets = 200_000 if name.startswith("tickets") else 2
    return context.wrap_socket(stream, server_side=True)


def _read_request(stream: socket.socket, with_body: bool) -> None:
    head, _, body = _read_head(stream).partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\nContent-Length: *(\d+)", head)
    left = int(length[1]) - len(body) if length and with_body else 0
    while left > 0:
        more = stream.recv(_PIECE)
        if not more:
            raise ConnectionResetError
        left -= len(more)


def _read_head(stream: socket.socket) -> bytes:
    """Return what comes up to the end of a head, and what came with it of a body."""
    head = b""
    while b"\r\n\r\n" not in head:
        more = stream.recv(_PIECE)
        if not more:
            raise ConnectionResetError
        head += more
    return head


def _relay(client: socket.socket, target: str) -> None:
    """Forward all data between the client and the target of its CONNECT until one side ends."""
    host, _, port = target.rpartition(":")
    with socket.create_connection((host, int(port))) as server:
        client.sendall(_OK + b"\r\n")
        other = {client: server, server: client}
        while True:
            for ready in select.select([*other], [], [])[0]:
                data = ready.recv(_PIECE)
                if not data:
                    return
                other[ready].sendall(data)


def main(port: str, name: str, pem: str = "") -> None:
    """Serve until the process is ended."""
    if name != "relay":
        os.nice(19)  # the CPU is fthg's first
    with socket.create_server(("127.0.0.1", int(port)), backlog=64) as listener:
        while True:
            stream, _ = listener.accept()
            threading.Thread(target=_serve, args=(stream, name, pem), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
