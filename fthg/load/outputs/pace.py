"""The rate of the last seconds, as the live view shows it (pure)."""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import Optional

_WINDOW = 10.0
_SAMPLES = 40
_JITTER = 0.001


class Pace:
    """The rate of the last 10 seconds, or of the last three periods if the target is slow."""

    def __init__(self, target: Optional[Fraction]) -> None:
        self._target = float(target) if target else None
        self._window = max(_WINDOW, 3 / self._target) if self._target else _WINDOW
        self._seen = deque([(0.0, 0)])  # (elapsed, sent), the first as old as the window

    def rate(self, elapsed: float, sent: int) -> float:
        """Return files a second, given how many were sent until now.

        A count that the target explains is shown as the target, see `_on_target`.
        """
        if elapsed - self._seen[-1][0] >= self._window / _SAMPLES:
            self._seen.append((elapsed, sent))
        while len(self._seen) > 1 and elapsed - self._seen[1][0] >= self._window:
            self._seen.popleft()
        since, before = self._seen[0]
        seconds, count = elapsed - since, sent - before
        if self._target is None:
            # All senders start at once: divided by an instant, that would be any number.
            return count / max(seconds, 1.0)
        if _on_target(self._target, seconds, count):
            return self._target
        return count / seconds if seconds > 0 else 0.0


def _on_target(rate: float, seconds: float, count: int) -> bool:
    """Return whether a job at this rate may have sent that many files in a window that long.

    The window can start and end anywhere between two arrivals, or at one: a window of 10 ms at
    100 files a second holds one or two. Nothing is sent to the nanosecond, so what falls into the
    jitter at an end of the window may be in it or not.
    """
    return abs(count - rate * seconds) <= 1 + rate * _JITTER
