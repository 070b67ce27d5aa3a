"""A hostile server that sends without end: `python -m tests.servers.programs.flood KIND PORT PEM`.

It is a process of its own with a thread for each connection, so that it is faster than fthg.
"""

from __future__ import annotations

import itertools
import os
import socket
import ssl
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Callable

_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_TINY = b"1\r\nx\r\n" * 20_000
_FIELDS = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 90) for number in range(1000))
_HELLO_REQUESTS = b"\x16\x03\x03" + (16_000).to_bytes(2, "big") + bytes(16_000)

Pieces = Iterable[bytes]


def _endless(first: bytes, more: bytes) -> Iterator[bytes]:
    yield first
    yield from itertools.repeat(more)


def _heads() -> Iterator[bytes]:
    """Yield 1xx answers that are all different, and nearly as long as one may be."""
    for number in itertools.count():
        yield b"HTTP/1.1 102 Wait\r\nX-N: %d\r\nX-Long: %b\r\n\r\n" % (number, b"y" * 64_000)


FLOODS: dict[str, Callable[[], Pieces]] = {
    "body": lambda: _endless(_OK + b"\r\n", b"x" * 65536),
    "tiny chunks": lambda: _endless(_CHUNKED, _TINY),
    "interim answers": lambda: itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "interim heads": _heads,
    "head": lambda: _endless(_OK, _FIELDS),
    "head in spaces": lambda: _endless(_OK + b"A: b\r\n", b" " * 65536),
    "trailers": lambda: _endless(_CHUNKED + b"0\r\n", _FIELDS),
    "long reason": lambda: _endless(b"HTTP/1.1 200 ", b"x" * 65536),
    "long extension": lambda: _endless(_CHUNKED + b"1;", b"x" * 65536),
    "refusal in tiny chunks": lambda: _endless(_CHUNKED.replace(b"200 OK", b"407 No"), _TINY),
    "HelloRequest": lambda: itertools.repeat(_HELLO_REQUESTS),
    "tickets": list,
    "empty records": lambda: itertools.repeat(b"\x16\x03\x03\x00\x00" * 10_000),
}
"""Kind → what is sent."""


def _read_head(stream: socket.socket) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        more = stream.recv(65536)
        if not more:
            raise ConnectionResetError
        head += more


def _serve(stream: socket.socket, kind: str, pem: str) -> None:
    """Follow `[tunnel to ]FLOOD[ in TLS]` on one connection."""
    with suppress(OSError), stream:
        if kind.endswith(" in TLS"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            context.num_tickets = 200_000 if kind.startswith("tickets") else 2
            stream = context.wrap_socket(stream, server_side=True)
        name = kind.replace(" in TLS", "").replace("tunnel to ", "")
        if kind.startswith("tunnel to "):
            _read_head(stream)
            stream.sendall(_OK + b"\r\n")
        if name in ("HelloRequest", "empty records"):
            stream.recv(65536)  # the ClientHello
        else:
            _read_head(stream)
        for piece in FLOODS[name]():
            stream.sendall(piece)


def _main(kind: str, port: int, pem: str) -> None:
    os.nice(19)  # the CPU is fthg's first
    with socket.create_server(("127.0.0.1", port), backlog=64) as listener:
        while True:
            stream, _ = listener.accept()
            threading.Thread(target=_serve, args=(stream, kind, pem), daemon=True).start()


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
