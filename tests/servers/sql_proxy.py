"""A proxy between a client and a database that does not pass on what changes a session."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import gevent
from gevent.server import StreamServer

_NOTHING = b"\x03DO 0"


@contextmanager
def swallowing_sets(port: int) -> Iterator[int]:
    """Run a proxy before a server on loopback for the length of a block; yields its port.

    It answers `SET SESSION` as a server does, but the server never sees it.
    """

    def serve(client: socket.socket, _: object) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server, suppress(OSError):
            answers = gevent.spawn(_copy, server, client)
            _copy(client, server)
            answers.kill()

    proxy = StreamServer(("127.0.0.1", 0), serve)
    proxy.start()
    try:
        yield proxy.server_port
    finally:
        proxy.stop(timeout=1)


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Pass on what arrives; a client that waits for answers sends each packet at once."""
    with suppress(OSError):
        while data := source.recv(65_536):
            if data[4:].startswith(b"\x03SET SESSION"):
                data = data[:4] + _NOTHING.ljust(len(data) - 4)
            target.sendall(data)
