"""A server that answers no request, in a thread of its own."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .receiver import Receiver

_OTHERS = 200  # descriptors of the program itself


class Holder(Receiver):
    """The server; `held` is the number of requests, with bodies of one length, that came whole."""

    def __init__(self, length: int) -> None:
        super().__init__(0, self._hold)
        self.held = 0
        self.url = f"http://127.0.0.1:{self.port}/"
        self._length = length

    def _hold(self, _: socket.socket, data: bytes, __: int) -> bytes:
        end = data.find(b"\r\n\r\n")
        if end >= 0:
            self.held += len(data) - end - 4 == self._length
        return data


@contextmanager
def holding(connections: int, length: int) -> Iterator[Holder]:
    """Run the server, for so many requests, for the length of a block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(connections + _OTHERS, hard)), hard))
    holder = Holder(length)
    thread = threading.Thread(target=holder.run)
    thread.start()
    try:
        yield holder
    finally:
        holder.stop()
        thread.join()
        holder.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
