"""The rate of the last seconds, as the live view shows it (pure)."""

from __future__ import annotations

from collections import deque
from fractions import Fraction

from ...clock import SECOND
from ..pacing import Pacer

_WINDOW = 10.0
_SAMPLES = 40
_JITTER = 0.001


class Pace:
    """The rate of the last 10 seconds, or of the last three periods if the target is slow."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._seen = deque([(0.0, 0)])  # (elapsed, sent), the first as old as the window

    def rate(self, elapsed: float, sent: int) -> float:
        """Return files a second, given how many were sent until now.

        A count that the target explains is shown as the target, see `_on_target`.
        """
        target = self._pacer.rate_at(round(elapsed * SECOND))
        window = max(_WINDOW, float(3 / target)) if target else _WINDOW
        since, before = self._start_of(window, elapsed, sent)
        seconds, count = elapsed - since, sent - before
        if target is None:
            # All senders start at once: divided by an instant, that would be any number.
            return count / max(seconds, 1.0)
        if self._on_target(target, since, elapsed, count):
            return float(target)
        return count / seconds if seconds > 0 else 0.0

    def _start_of(self, window: float, elapsed: float, sent: int) -> tuple[float, int]:
        if elapsed - self._seen[-1][0] >= window / _SAMPLES:
            self._seen.append((elapsed, sent))
        while len(self._seen) > 1 and elapsed - self._seen[1][0] >= window:
            self._seen.popleft()
        return self._seen[0]

    def _on_target(self, rate: Fraction, since: float, elapsed: float, count: int) -> bool:
        """Return whether an undisturbed job may have sent that many files in this window.

        The window can start and end anywhere between two arrivals, or at one: a window of 10 ms at
        100 files a second holds one or two. Nothing is sent to the nanosecond, so what falls into
        the jitter at an end of the window may be in it or not.
        """
        due = self._pacer.due_between(round(since * SECOND), round(elapsed * SECOND))
        return abs(count - due) <= 1 + rate * Fraction(_JITTER)
