"""The most transfers of a job that may be in flight at once in this process."""

from __future__ import annotations

from typing import Optional

from ..clock import Clock
from .pacing.levels import levels
from .plan import Job


class Limit:
    """The most transfers at once: a number, or this process's share of one that changes.

    It is exact at any moment, whichever greenlet is woken first when it changes.
    """

    def __init__(self, job: Job, start: int, clock: Clock) -> None:
        self._clock = clock
        self._changes = iter(
            () if job.senders is None
            else ((start + time, job.slice.share(level)) for time, level in levels(job.senders))
        )  # fmt: skip
        self._current = job.limit if job.senders is None else 0
        self._next = next(self._changes, None)

    @property
    def next_change(self) -> Optional[int]:
        """The reading of the clock at which it changes next; None: never again."""
        return self._next and self._next[0]

    def __call__(self) -> int:
        """Return the limit of this moment."""
        while self._next is not None and self._next[0] <= self._clock.now():
            self._current = self._next[1]
            self._next = next(self._changes, None)
        return self._current
