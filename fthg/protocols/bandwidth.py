"""Limits the bytes that one transfer may send a second."""

from __future__ import annotations

from ..clock import SECOND
from .stopwatch import Now

_BLOCK_TIME = SECOND // 33
"""Nanoseconds that one block is worth: so often, and no more, a transfer has to wait."""

_SMALLEST = 1024  # bytes of a block: at a low rate its time is longer

_LATENESS = SECOND // 12
"""Nanoseconds of a late waking that are made up; more, as behind a slow server, never is. So within
any second no more than 1/12 of the rate and one block are sent beyond it."""


class Budget:
    """The bytes that one transfer may send by now: block after block, each once it is `due`."""

    __slots__ = ("_now", "_rate", "block", "due", "holds")

    def __init__(self, rate: int, largest: int, now: Now) -> None:
        """Take the rate in bytes a second, and the bytes of the largest block to be sent at once.

        The block has no use for more than `largest`: shorter ones are then due more often.
        """
        self.block = min(largest, max(_SMALLEST, rate * _BLOCK_TIME // SECOND))
        self.due = 0
        """The reading of the clock from which on the next block may be sent."""
        self.holds = False
        """True while the transfer waits for it: also if it is woken late, when the block is due."""
        self._rate = rate
        self._now = now

    def left(self) -> int:
        """Return the nanoseconds until the next block may be sent; 0: now."""
        left = max(0, self.due - self._now())
        self.holds = left > 0
        return left

    def take(self, size: int) -> None:
        """Count `size` bytes as sent now."""
        now = self._now()
        begin = max(self.due, now - _LATENESS) if self.due else now
        self.due = begin + size * SECOND // self._rate
