"""A hostile HTTP server, or proxy: http_flood.py PORT FLOOD.

It floods each connection with one of `FLOODS`, for as long as it is read. As "relay" it is an
honest proxy for CONNECT.
"""

from __future__ import annotations

import re
import select
import socket
import sys
import threading
from collections.abc import Iterable
from contextlib import closing, suppress
from itertools import chain, repeat, takewhile
from typing import BinaryIO, Callable

_PIECE = 1 << 16
_OK = b"HTTP/1.1 200 OK\r\n"
_BUSY = b"HTTP/1.1 503 Busy\r\n"

Pieces = Iterable[bytes]


def _flood(head: bytes, text: bytes) -> Callable[[], Pieces]:
    """Return a function that returns the head and then the text, repeated without end."""
    return lambda: chain([head], repeat(text * (_PIECE // len(text))))


FLOODS: dict[str, Callable[[], Pieces]] = {
    "interim": _flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "head": _flood(_BUSY, b"X-Name: value\r\n"),
    "chunks": _flood(_BUSY + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "body": _flood(_BUSY + b"Connection: close\r\n\r\n", b"x"),
    "spaces": lambda: [_BUSY + b"X: x\r\n" + b" " * 64_000 + b"\0\r\n\r\n"],
    "early": _flood(b"", _BUSY + b"Content-Length: 0\r\n\r\n"),
}
"""What follows a request, CONNECT too; "early" comes before it."""


def converse(client: socket.socket, name: str) -> None:
    """Flood one connection, or relay it, until it ends."""
    with closing(client), suppress(OSError), client.makefile("rb") as stream:
        if name != "early":
            head = _head(stream)
            if name == "relay":
                relay(client, head.split()[1].decode())
                return
            _skip_body(stream, head)
        for piece in FLOODS[name]():
            client.sendall(piece)


def relay(client: socket.socket, target: str) -> None:
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


def _head(stream: BinaryIO) -> bytes:
    return b"".join(takewhile(lambda line: line != b"\r\n", iter(stream.readline, b"")))


def _skip_body(stream: BinaryIO, head: bytes) -> None:
    length = re.search(rb"(?i)\r\nContent-Length: *(\d+)", head)
    if length:
        stream.read(int(length[1]))


def main(port: str, name: str) -> None:
    """Serve until the process is ended."""
    with socket.create_server(("127.0.0.1", int(port)), backlog=64) as listener:
        while True:
            client, _ = listener.accept()
            threading.Thread(target=converse, args=(client, name), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
