"""A connection to a server through a channel of an SSH connection to a jump host."""

from __future__ import annotations

import socket
from typing import Optional, cast

import paramiko

from ....errors import TransferError
from .connection import SshConnection


def beneath(transport: paramiko.Transport) -> socket.socket:
    """Return the stream that a transport reads from and writes to."""
    return cast("socket.socket", transport.sock)


class JumpStream:
    """A channel of a connection to a jump host, in the form of a socket that leads to the server.

    Its ends, its descriptor and what the kernel knows are those of the connection beneath, which
    ends with it.
    """

    def __init__(self, channel: paramiko.Channel, jump: SshConnection, name: str) -> None:
        self._channel = channel
        self._jump = jump
        self._name = name
        self._closed = False
        self._lost = ""
        self._beneath = beneath(channel.get_transport())
        self.getpeername = self._beneath.getpeername
        self.getsockname = self._beneath.getsockname
        self.getsockopt = self._beneath.getsockopt
        self.fileno = self._beneath.fileno

    def as_socket(self) -> socket.socket:
        """Return itself as the type that TransportSocket requires; it uses only these methods."""
        return cast("socket.socket", self)

    def recv(self, count: int) -> bytes:
        """Return up to `count` bytes; empty at the end."""
        return self._channel.recv(count)

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        try:
            self._channel.sendall(data)
        except EOFError:  # sooner than the other direction
            self._lost = self.lost() or f"{self._name} was lost: it closed the connection"
            raise

    def settimeout(self, seconds: Optional[float]) -> None:
        """Ignore the timeout: close() ends every wait."""

    def setsockopt(self, *_: int) -> None:
        """Ignore the options: the connection beneath has them."""

    def lost(self) -> str:
        """Return why the jump host was lost before this was closed; empty if it was not."""
        if not (self._closed or self._lost) and (loss := self._jump.loss):
            self._lost = f"{self._name} was lost: {loss.detail}"
        return self._lost

    def close(self) -> None:
        """End the connection to the jump host."""
        self.lost()
        self._closed = True
        self._jump.close(TransferError("reset", "the connection to the server has ended"))
