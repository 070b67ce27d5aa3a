"""Messages between a parent and its children, which are one program: a length, then a pickle."""

from __future__ import annotations

import pickle
import socket
import struct
from typing import Any, Optional

_LENGTH = struct.Struct("!I")
_AT_ONCE = 1 << 18  # bytes that are read at once: a buffer of that size is made for them


def pack(message: Any) -> bytes:
    """Return a message as it is sent."""
    data = pickle.dumps(message)
    return _LENGTH.pack(len(data)) + data


def send(line: socket.socket, message: Any) -> None:
    """Send one message; OSError if the other end is gone. Only this greenlet waits for it."""
    line.sendall(pack(message))


def receive(line: socket.socket) -> Any:
    """Return the next message; None at the end, or where a process that dies left half of one."""
    head = _exactly(line, _LENGTH.size)
    data = None if head is None else _exactly(line, _LENGTH.unpack(head)[0])
    try:
        return None if data is None else pickle.loads(data)  # noqa: S301 - from our own process
    except Exception:  # noqa: BLE001 - a pickle that is not whole raises anything
        return None


def _exactly(line: socket.socket, count: int) -> Optional[bytes]:
    parts: list[bytes] = []
    while count:
        try:
            part = line.recv(min(count, _AT_ONCE))
        except OSError:
            return None
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
