"""What an SFTP server can do beyond the least of version 3."""

from __future__ import annotations

from . import packets
from .packets import Limits, Reply

BLOCK = 32 * 1024
"""Bytes in one WRITE: the most that every SFTP server must take."""

LARGEST = 255 * 1024
"""Bytes in one WRITE at the most, if the server takes them: OpenSSH's own limit."""

SMALLEST = 4 * 1024
"""Bytes in one WRITE at the least: a server that takes fewer would cost all others their time."""

_AROUND = 64
"""Bytes of a WRITE around its data and the handle, at the most."""


class Abilities:
    """What a server has announced, and how much it takes at once, as far as it is known so far."""

    def __init__(self, extensions: packets.Extensions) -> None:
        self.posix_rename = packets.POSIX_RENAME in extensions
        """True if it can rename onto an existing file."""
        self.tells_limits = extensions.get(packets.LIMITS) == b"1"
        self._limits = Limits(0, 0)

    def learn(self, reply: Reply) -> None:
        """Process the answer to the question for its limits; it may refuse it."""
        if isinstance(reply, Limits):
            self._limits = reply

    def block(self, handle: bytes) -> int:
        """Return how many bytes may be written at once to a file with this handle."""
        packet, write = self._limits
        if not (packet or write):  # both unknown, or none is fixed
            return BLOCK
        room = packet - _AROUND - len(handle) if packet else LARGEST
        return max(SMALLEST, min(LARGEST, room, write or LARGEST))
