"""Decides how long the parent waits for workers that do not answer (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ..clock import SECOND

SILENCE = 60 * SECOND
"""The time without a report after which a worker is called silent: the log says so once. A process
that is stopped for less is a standstill, and goes on."""

AFTER_GRACE = 15 * SECOND
"""After `graceful_stop` a worker closes its connections, and writes its files and log lines."""

AFTER_CUT = 2 * SECOND
"""The same where a second signal came: within 5 s the parent, too, must have written its files."""


class Liveness:
    """Decides which workers are silent, and which of them must be killed.

    In mid-run none is killed. At a stop and at a cut they have some time to end. At the planned end
    silent ones are killed once no other is left. `awake` is when the grace after a
    pause of the parent ends: it may not have read what they report.
    """

    def __init__(self, workers: int, grace: float, now: int) -> None:
        self._reported = dict.fromkeys(range(workers), now)  # of those that have not ended
        self._silent: set[int] = set()
        self._any_ended = False
        self._grace = round(grace * SECOND)
        self._limit: Optional[int] = None

    def report(self, worker: int, now: int) -> bool:
        """Record a report of a worker; return True if it was called silent before."""
        self._reported[worker] = now
        was_silent = worker in self._silent
        self._silent.discard(worker)
        return was_silent

    def last_report(self, worker: int) -> int:
        """Return when a worker reported last, or when all began."""
        return self._reported[worker]

    def leave(self, worker: int) -> None:
        """Expect no more reports of a worker."""
        self._reported.pop(worker, None)
        self._any_ended = True

    def stop(self, now: int) -> None:
        """Give all workers the grace to end, and the time to close their files."""
        self._end_by(now + self._grace + AFTER_GRACE)

    def cut(self, now: int) -> None:
        """Give all workers a short time to end."""
        self._end_by(now + AFTER_CUT)

    def _end_by(self, limit: int) -> None:
        self._limit = limit if self._limit is None else min(limit, self._limit)

    def newly_silent(self, now: int, awake: int) -> Sequence[int]:
        """Return the workers that are silent from now on."""
        if now < awake:
            return []
        found = {worker for worker, heard in self._reported.items() if now - heard >= SILENCE}
        fresh = sorted(found - self._silent)
        self._silent |= found
        return fresh

    def overdue(self, now: int, awake: int) -> Sequence[int]:
        """Return the workers that must be killed now."""
        if now < awake:
            return []
        if self._limit is not None and now >= max(self._limit, awake + AFTER_CUT - SECOND):
            return list(self._reported)
        return (
            list(self._reported) if self._any_ended and self._silent >= set(self._reported) else []
        )
