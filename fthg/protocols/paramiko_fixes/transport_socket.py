"""Puts a guarded socket beneath paramiko (2.12 to 5.1): no polling, no endless packets or banners.

paramiko wakes up ten times a second for each idle connection, believes any length of a packet,
skips lines before the server's version without end, stores whatever arrives for a channel, and
reads on for as long as something comes, without a turn for anything else in the process.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, Optional, cast

from ...clock import SECOND, run_loop_once
from ...errors import TransferError
from ..stopwatch import Now
from ..tcp_info import delivery_of

_READ = 64 * 1024
_LONGEST_PACKET = 64 * 1024  # RFC 4253, 6.1 asks for 35,000 bytes; we take data in 32 KiB
_LONGEST_BANNER = 8 * 1024  # RFC 4253, 4.2 allows lines before the version; this is for all of it
_MOST_UNREAD = 512 * 1024  # twice what the window of a channel allows, see sftp/channel.py
_TURN = SECOND // 500  # a server that sends without end gets no more at a time, of many each


class TransportSocket:
    """A connected socket in the form that paramiko.Transport takes for one.

    If the server sends no SSH version, announces a packet that no server would send, or sends on
    beyond the window, the reason is left in `error`: paramiko would not pass on an exception of
    ours.
    """

    def __init__(self, connection: socket.socket, now: Now, early: bytes = b"") -> None:
        """`early`: what was read from the connection before."""
        self.error: Optional[TransferError] = None
        self.unread: Callable[[], int] = _nothing
        """Returns the bytes that were received here and that nobody has taken from paramiko."""
        self._socket = connection
        self._early = early
        self._now = now
        self._turn = now()  # when others had their last one
        self._last_state = ""
        self._closed = False  # paramiko asks for it by this name
        self._buffer = b""
        self._position = 0
        self._unchecked = 0  # bytes received since `unread` was last asked
        self._has_version = False
        # Finds a peer that vanished while nothing is sent, and keeps firewalls from forgetting us.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
        connection.settimeout(None)

    def as_socket(self) -> socket.socket:
        """Return itself under the type that paramiko asks for; it takes anything of this form."""
        return cast("socket.socket", self)

    def recv(self, count: int) -> bytes:
        """Return up to `count` bytes; empty at the end.

        paramiko asks for all that a packet lacks: random bytes read as a length would make it
        wait for up to 4 GiB.
        """
        if count > _LONGEST_PACKET:
            self.error = TransferError("protocol", f"no SSH: a packet of {count} bytes")
            return b""
        if (now := self._now()) - self._turn > _TURN:
            self._turn = now
            run_loop_once()
        if self._position == len(self._buffer):
            self._buffer = self._read_packets() if self._has_version else self._read_version()
            self._position = 0
        data = self._buffer[self._position : self._position + count]
        self._position += len(data)
        return data

    def send(self, data: bytes) -> int:
        """Send all of it."""
        self._socket.sendall(data)
        return len(data)

    def settimeout(self, seconds: Optional[float]) -> None:
        """Ignore the timeout, with which paramiko would poll: close() ends every wait at once."""

    def getpeername(self) -> Any:
        """Return the server's address."""
        return self._socket.getpeername()

    def getsockname(self) -> Any:
        """Return our own address."""
        return self._socket.getsockname()

    def getsockopt(self, level: int, option: int, length: int) -> bytes:
        """Return an option of the socket."""
        return self._socket.getsockopt(level, option, length)

    def fileno(self) -> int:
        """Return the descriptor of the connection."""
        return self._socket.fileno()

    def close(self) -> None:
        """End the connection, and whatever waits for it; may be called twice."""
        if not self._closed:
            self._last_state = self.state
            self._closed = True
            self.unread = _nothing
            self._socket.close()

    @property
    def state(self) -> str:
        """The state of the TCP connection, now or when it was closed, for error texts."""
        return self._last_state if self._closed else _state_of(self._socket)

    def _read(self) -> bytes:
        if self._early:
            data, self._early = self._early, b""
            return data
        data = self._socket.recv(_READ)
        # While packets are short, each delayed acknowledgement costs 40 ms.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return data

    def _read_packets(self) -> bytes:
        data = self._read()
        self._unchecked += len(data)
        if self._unchecked > _READ:
            self._unchecked = 0
            if self.unread() > _MOST_UNREAD:
                self.error = TransferError(
                    "protocol", "the server sends more than the window allows"
                )
                return b""
        return data

    def _read_version(self) -> bytes:
        """Return what the server sends from its version line on; skip the lines before that."""
        seen = b""
        while True:
            try:
                data = self._read()
            except OSError as error:
                reason = error.strerror or str(error)
                self.error = TransferError("reset", f"{reason}, before the server's SSH version")
                raise
            seen += data
            start = 0 if seen.startswith(b"SSH-") else seen.find(b"\nSSH-") + 1
            if seen.startswith(b"SSH-", start) and 0 < seen.find(b"\n", start) < _LONGEST_BANNER:
                self._has_version = True
                return seen[start:]
            if seen.startswith(b"HTTP/") and (b"\n" in seen or not data):
                self.error = TransferError(
                    "protocol", f"an HTTP server answers there: {_excerpt(seen.splitlines()[0])}"
                )
                return b""
            if not data:
                self.error = _no_version(seen)
                return b""
            if len(seen) > _LONGEST_BANNER:
                reason = f"no SSH server is there; it sends {_excerpt(seen)}"
                self.error = TransferError("protocol", reason)
                return b""


def _nothing() -> int:
    """Return 0: there is no transport, or no more of it."""
    return 0


def _state_of(connection: socket.socket) -> str:
    """Return what the kernel knows of a connection that is still open."""
    return str(delivery_of(connection))


def _no_version(seen: bytes) -> TransferError:
    if not seen:
        return TransferError(
            "reset", "the server closed the connection before it sent an SSH version"
        )
    # sshd says so, for instance, where MaxStartups is reached.
    return TransferError(
        "reset", f"the server closed the connection with the words {_excerpt(seen)}"
    )


def _excerpt(seen: bytes) -> str:
    return repr(seen[:120].decode("utf-8", "replace").strip())
