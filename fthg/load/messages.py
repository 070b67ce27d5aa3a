"""Messages between a parent and its workers, which are one program: a length, then a pickle."""

from __future__ import annotations

import pickle
import socket
import struct
from typing import Any, Optional

_LENGTH = struct.Struct("!I")


def send(line: socket.socket, message: Any) -> None:
    """Send one message; OSError if the other end is gone."""
    data = pickle.dumps(message)
    line.sendall(_LENGTH.pack(len(data)) + data)


def receive(line: socket.socket) -> Any:
    """Return the next message; None at the end."""
    head = _exactly(line, _LENGTH.size)
    if head is None:
        return None
    data = _exactly(line, _LENGTH.unpack(head)[0])
    return None if data is None else pickle.loads(data)  # noqa: S301 - from our own process


def _exactly(line: socket.socket, count: int) -> Optional[bytes]:
    parts: list[bytes] = []
    while count:
        try:
            part = line.recv(count)
        except OSError:
            return None
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
