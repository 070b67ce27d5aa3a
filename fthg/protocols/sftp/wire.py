"""The socket beneath paramiko: fewer system calls, no idle polling, a guarded version exchange."""

from __future__ import annotations

import socket
from typing import Any, Optional

from ...errors import TransferError

_READ = 64 * 1024
_LONGEST_PACKET = 256 * 1024  # OpenSSH's bound; RFC 4253, 6.1 asks for 35,000 bytes
_LONGEST_GREETING = 8 * 1024  # RFC 4253, 4.2 allows lines before the version, and no endless ones


class Wire:
    """Wraps a connected socket in the form that paramiko.Transport takes for one.

    A server that does not greet with an SSH version, or announces a packet that no server would
    send, leaves its TransferError in `fault`.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.fault: Optional[TransferError] = None
        self._socket = connection
        self._closed = False  # paramiko asks for it by this name
        self._buffer = b""
        self._at = 0
        self._greeted = False
        # Finds a peer that vanished while nothing is sent, and keeps firewalls from forgetting us.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
        connection.settimeout(None)

    def recv(self, count: int) -> bytes:
        """Up to `count` bytes; empty at the end.

        paramiko asks for all that a packet lacks: a length that is noise would keep it waiting for
        up to 4 GiB.
        """
        if count > _LONGEST_PACKET:
            self.fault = TransferError("protocol", f"no SSH: a packet of {count} bytes")
            return b""
        if self._at == len(self._buffer):
            self._buffer, self._at = self._read() if self._greeted else self._greeting(), 0
        data = self._buffer[self._at : self._at + count]
        self._at += len(data)
        return data

    def send(self, data: bytes) -> int:
        """Send all of it."""
        self._socket.sendall(data)
        return len(data)

    def settimeout(self, seconds: Optional[float]) -> None:
        """Nothing: paramiko would wake up ten times a second; close() ends every wait at once."""

    def getpeername(self) -> Any:
        """The server's address."""
        return self._socket.getpeername()

    def getsockname(self) -> Any:
        """Our own address."""
        return self._socket.getsockname()

    def close(self) -> None:
        """End the connection, and whatever waits for it; may be called twice."""
        if not self._closed:
            self._closed = True
            self._socket.close()

    def _read(self) -> bytes:
        data = self._socket.recv(_READ)
        # In a conversation of short packets a delayed acknowledgement costs 40 ms each time.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return data

    def _greeting(self) -> bytes:
        """What the server sends from its version line on; lines before that are skipped."""
        seen = b""
        while True:
            try:
                data = self._read()
            except OSError as error:
                words = error.strerror or str(error)
                self.fault = TransferError("reset", f"{words}, before the server's greeting")
                raise
            seen += data
            start = seen.find(b"\nSSH-") + 1
            if seen.startswith(b"SSH-", start) and b"\n" in seen[start:]:
                self._greeted = True
                return seen[start:]
            if not data:
                self.fault = _no_greeting(seen)
                return b""
            if len(seen) > _LONGEST_GREETING:
                self.fault = TransferError(
                    "protocol", f"no SSH server is there; it says {_excerpt(seen)}"
                )
                return b""


def _no_greeting(seen: bytes) -> TransferError:
    if not seen:
        return TransferError("reset", "the server closed the connection without a greeting")
    # sshd says so, for instance, where MaxStartups is reached.
    return TransferError(
        "reset", f"the server closed the connection with the words {_excerpt(seen)}"
    )


def _excerpt(seen: bytes) -> str:
    return repr(seen[:120].decode("utf-8", "replace").strip())
