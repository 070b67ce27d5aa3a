"""Computes the wait between attempts to reach a server that cannot be reached (pure)."""

from __future__ import annotations

from ..clock import SECOND

MOST = SECOND
"""The longest wait, and so the latest moment at which a server that is back is noticed."""


class Backoff:
    """A wait that doubles with every failure in a row, up to MOST, and ends with a success.

    All times are nanoseconds, moments are readings of the clock.
    """

    def __init__(self, first: int, free: int = 0) -> None:
        """Let `free` failures cost no wait, and the next one `first`."""
        self.until = 0
        """The moment before which nothing may be attempted."""
        self._first = first
        self._free = free
        self._failures = 0

    def failed(self, now: int) -> None:
        """Count an attempt that failed: the wait grows."""
        doublings = self._failures - self._free
        self._failures += 1
        if doublings >= 0:
            # MOST is reached long before 20: without the bound the number would grow for ever.
            self.until = now + min(self._first << min(doublings, 20), MOST)

    def succeeded(self) -> None:
        """Count an attempt that succeeded: there is no wait any more."""
        self._failures = self.until = 0
