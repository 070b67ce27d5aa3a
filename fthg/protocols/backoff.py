"""How long to wait between attempts to reach a server that cannot be reached (pure)."""

from __future__ import annotations

from ..clock import SECOND

MOST = SECOND
"""The longest wait: a server that is back is noticed no later than that."""


class Backoff:
    """A wait that doubles with every failure in a row, up to MOST, and is gone with a success.

    All times are nanoseconds, moments are readings of the clock.
    """

    def __init__(self, first: int, free: int = 0) -> None:
        """`free` failures cost no wait, the next one `first`."""
        self.until = 0
        """The moment before which nothing is to be attempted."""
        self._first = first
        self._free = free
        self._failures = 0

    def failed(self, now: int) -> None:
        """An attempt failed: wait, longer than before."""
        doublings = self._failures - self._free
        self._failures += 1
        if doublings >= 0:
            # More doublings than that would only make a number that nobody needs.
            self.until = now + min(self._first << min(doublings, 20), MOST)

    def succeeded(self) -> None:
        """An attempt succeeded: wait no more."""
        self._failures = self.until = 0
