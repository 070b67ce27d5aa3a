"""What the benchmark's own servers share: they receive on all connections, in one thread."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable

Received = Callable[[socket.socket, bytes, int], bytes]
"""Takes a connection, what it has sent and when the last of it came; returns what to keep of it.

The time is that of the monotonic clock, in nanoseconds."""


class Receiver:
    """A listening socket on loopback, and its connections."""

    def __init__(self, port: int, received: Received) -> None:
        """Listen on a port; 0 is any."""
        self._received = received
        self._selector = selectors.DefaultSelector()
        self._buffers: dict[socket.socket, bytes] = {}
        self._listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._stopping, self._stop = socket.socketpair()
        self._selector.register(self._stopping, selectors.EVENT_READ)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        port: int = self._listener.getsockname()[1]
        return port

    def run(self) -> None:
        """Receive until `stop` is called."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._stopping:
                    return
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._read(key.fileobj)  # type: ignore[arg-type]

    def stop(self) -> None:
        """End `run`, in another thread."""
        self._stop.send(b".")

    def close(self) -> None:
        """Close all connections."""
        for one in (*self._buffers, self._listener, self._stopping, self._stop, self._selector):
            one.close()

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffers[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> None:
        now = time.monotonic_ns()
        try:
            data = connection.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self._selector.unregister(connection)
            del self._buffers[connection]
            connection.close()
            return
        self._buffers[connection] = self._received(
            connection, self._buffers[connection] + data, now
        )
