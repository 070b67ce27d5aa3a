"""Messages between a parent and its children, forks of one program: a length, then a pickle."""

from __future__ import annotations

import os
import pickle
import socket
import struct
from collections.abc import Iterator
from typing import Any

_LENGTH = struct.Struct("!I")
_AT_ONCE = 1 << 18  # bytes that are read at once: a buffer of that size is made for them


def pack(message: Any) -> bytes:
    """Return a message as it is sent."""
    data = pickle.dumps(message)
    return _LENGTH.pack(len(data)) + data


def send(line: socket.socket, message: Any) -> None:
    """Send one message; OSError if the other end is gone. Only this greenlet waits for it."""
    line.sendall(pack(message))


class Inbox:
    """The messages that arrive on a line, whole ones only; nothing after them is read."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._data = bytearray()  # outside the call that reads: another may go on where it stopped

    def receive(self) -> Any:
        """Return the next message; None at the end, or where a process that dies left half one.

        Only this greenlet waits for it.
        """
        while missing := self._missing():
            try:
                part = self._line.recv(min(missing, _AT_ONCE))
            except OSError:
                return None
            if not part:
                return None
            self._data += part
        return self._take()

    def arrived(self) -> Iterator[Any]:
        """Yield the messages that are there already, without the loop, from any thread."""
        while True:
            while missing := self._missing():
                try:
                    # gevent's sockets never block.
                    part = os.read(self._line.fileno(), min(missing, _AT_ONCE))
                except OSError:
                    return
                if not part:
                    return
                self._data += part
            if (message := self._take()) is None:
                return
            yield message

    def _missing(self) -> int:
        """Return the bytes that are still to come of the next message, as far as is known."""
        if len(self._data) < _LENGTH.size:
            return _LENGTH.size - len(self._data)
        return _LENGTH.size + int(_LENGTH.unpack_from(self._data)[0]) - len(self._data)

    def _take(self) -> Any:
        data, self._data = memoryview(self._data)[_LENGTH.size :], bytearray()
        try:
            return pickle.loads(data)  # noqa: S301 - from our own process
        except Exception:  # noqa: BLE001 - a pickle that is not whole raises anything
            return None
