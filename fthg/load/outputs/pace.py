"""The rate of the last seconds, as the live view shows it (pure)."""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import Optional

from ...clock import SECOND
from ..pacing import Pacer
from ..stats.job_snapshot import JobSnapshot

_WINDOW = 10.0
_SHORTEST = 1.0
_SAMPLES = 40
_JITTER = SECOND // 1000


class Pace:
    """The rate of the last 10 seconds, or of the last three periods if the target is slow.

    Where the target has changed meanwhile by more than a tenth, it is that of a shorter time, down
    to a second: what was sent at another target says nothing of this one.
    """

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._is_random = pacer.even is not pacer
        self._seen = deque([(0.0, 0)])  # (elapsed, sent), the first as old as the window

    def rate(self, elapsed: float, sent: int) -> float:
        """Return files a second, given how many were sent until now.

        A count that the target explains is shown as the target, see `_on_target`.
        """
        target = self._pacer.rate_at(round(elapsed * SECOND))
        since, before = self._start_of(target, elapsed, sent)
        seconds, count = elapsed - since, sent - before
        if target is None:
            # All senders start at once: divided by an instant, that would be any number.
            return count / max(seconds, 1.0)
        if self._on_target(since, elapsed, count):
            return float(target)
        return count / seconds if seconds > 0 else 0.0

    def _start_of(self, target: Optional[Fraction], elapsed: float, sent: int) -> tuple[float, int]:
        window = max(_WINDOW, float(3 / target)) if target else _WINDOW
        if elapsed - self._seen[-1][0] >= window / _SAMPLES:
            self._seen.append((elapsed, sent))
        while len(self._seen) > 1:
            following = elapsed - self._seen[1][0]
            if following < window and (following < _SHORTEST or self._is_steady(target, elapsed)):
                break
            self._seen.popleft()
        return self._seen[0]

    def _is_steady(self, target: Optional[Fraction], elapsed: float) -> bool:
        """Return True if the window has about as many arrivals as if the target were the same."""
        since = self._seen[0][0]
        if (target is None) != (self._pacer.rate_at(round(since * SECOND)) is None):
            return False
        steady = (target or 0) * Fraction(elapsed - since)
        return abs(self._due(since, elapsed) - steady) <= 1 + steady / 10

    def _on_target(self, since: float, elapsed: float, count: int) -> bool:
        """Return whether an undisturbed job may have sent that many files in this window.

        The window can start and end anywhere between two arrivals, or at one: a window of 10 ms at
        100 files a second holds one or two. Nothing is sent to the nanosecond, so what falls into
        the jitter at an end of the window may be in it or not. Random arrivals are measured.
        """
        if self._is_random and count:
            return False
        if abs(count - self._due(since, elapsed)) <= 1:
            return True
        least = self._due(since, elapsed, later=-_JITTER)
        most = self._due(since, elapsed, earlier=_JITTER, later=1)  # due times are rounded down
        return least - 1 <= count <= most + 1

    def _due(self, since: float, elapsed: float, earlier: int = 0, later: int = 0) -> Fraction:
        start, end = round(since * SECOND) - earlier, round(elapsed * SECOND) + later
        return self._pacer.due_between(start, max(start, end))


class Paces:
    """The paces of the jobs of a run."""

    def __init__(self) -> None:
        self._paces: dict[str, Pace] = {}

    def rate(self, job: JobSnapshot) -> float:
        """Return the files a second of a job; 0 while it does not dispatch."""
        if job.state != "running":
            return 0.0
        pace = self._paces.get(job.name)
        if pace is None:
            pace = self._paces[job.name] = Pace(job.job.pacer)
        return pace.rate(job.dispatching, job.sent)
