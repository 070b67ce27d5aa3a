"""The components of a job that all ways of dispatching share, and the period of one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Optional

import gevent

from ...clock import Clock
from ..in_flight import InFlight, Record
from ..pacing import Pacer
from ..plan import Job
from ..turns import Turns


class Lane(NamedTuple):
    """The components of one running job."""

    job: Job
    clock: Clock
    transfers: InFlight
    turns: Turns
    record: Record


class Period(NamedTuple):
    """The time in which a pacer is followed: readings of the clock."""

    pacer: Pacer
    start: int
    end: Optional[int]  # None: until stopped
    is_first: bool = True  # of the job: the one that may be joined

    def first(self, job: Job) -> int:
        """Return the first arrival of this process in it, counted from its beginning."""
        return job.first if self.is_first else job.slice.part

    def is_over(self, moment: int) -> bool:
        """Return True if a moment lies after its end, or at it."""
        return self.end is not None and moment >= self.end


def periods(job: Job, start: int, end: Optional[int]) -> Iterator[Period]:
    """Yield the periods of a job, one after another."""
    parts = job.pacer.parts
    begins = [start + time for time, _ in parts]
    for (time, pacer), begin, following in zip(parts, begins, [*begins[1:], None]):
        ends = [moment for moment in (following, end) if moment is not None]
        if end is None or begin < end:
            yield Period(pacer, begin, min(ends) if ends else None, is_first=time == 0)


@contextmanager
def waking(lane: Lane, end: Optional[int]) -> Iterator[None]:
    """Wake greenlets that wait for a sender at the end of a period."""

    def wake() -> None:
        assert end is not None  # noqa: S101 - spawned only if there is one
        lane.clock.sleep_until(end)
        lane.transfers.wake()

    waker = None if end is None else gevent.spawn(wake)
    try:
        yield
    finally:
        if waker is not None:
            waker.kill(block=False)
