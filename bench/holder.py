"""A server that answers no request, in a thread of its own."""

from __future__ import annotations

import resource
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_OTHERS = 200  # descriptors of the program itself


class Holder:
    """The server; `held` is the number of requests whose end has arrived."""

    def __init__(self) -> None:
        self.held = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._received: dict[socket.socket, bytes] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._stopping, self._stop = socket.socketpair()
        self._selector.register(self._stopping, selectors.EVENT_READ)

    def run(self, length: int) -> None:
        """Receive requests with bodies of one length until `stop` is called."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._stopping:
                    return
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._read(key.fileobj, length)  # type: ignore[arg-type]

    def stop(self) -> None:
        """End `run`."""
        self._stop.send(b".")

    def close(self) -> None:
        """Close all connections."""
        for one in (*self._received, self._listener, self._stopping, self._stop, self._selector):
            one.close()

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        self._received[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket, length: int) -> None:
        try:
            data = connection.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self._selector.unregister(connection)
            return
        self._received[connection] = data = self._received[connection] + data
        end = data.find(b"\r\n\r\n")
        if end >= 0:
            self.held += len(data) - end - 4 == length


@contextmanager
def holding(connections: int, length: int) -> Iterator[Holder]:
    """Run the server, for so many requests, for the length of a block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(connections + _OTHERS, hard)), hard))
    holder = Holder()
    thread = threading.Thread(target=holder.run, args=(length,))
    thread.start()
    try:
        yield holder
    finally:
        holder.stop()
        thread.join()
        holder.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
