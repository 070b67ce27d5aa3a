"""The transfers of one job that are in flight: started, without an outcome yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

import gevent
from gevent.event import Event
from gevent.pool import Group

from ..clock import Clock
from ..protocols.base import Sender
from ..transfer import Result
from .arrival import Arrival, attempt
from .limit import Limit
from .plan import Job

Record = Callable[[Result], None]

_KILLING = 1.0  # seconds, for transfers that clean up before they end


class InFlight:
    """At most as many transfers at once as a job may have; each is recorded once.

    Where the limit falls, those beyond it finish.
    """

    def __init__(
        self, job: Job, sender: Sender, clock: Clock, record: Record, limit: Limit
    ) -> None:
        self._source = job.source
        self._sender = sender
        self._clock = clock
        self._record = record
        self._limit = limit
        self._busy = 0
        self._running = Group()
        self._changed = Event()
        self._arrivals: dict[int, tuple[Arrival, Optional[int]]] = {}  # and when it was started

    def __len__(self) -> int:
        return len(self._arrivals)

    @property
    def has_room(self) -> bool:
        """True if one more may begin."""
        return self._busy < self._limit()

    @property
    def are_too_many(self) -> bool:
        """True if more are busy than may be now."""
        return self._busy > self._limit()

    def has_room_soon(self) -> bool:
        """Return True once a transfer may start: right after a standstill many are due at once."""
        grace_ends = self._clock.lag.grace_ends
        if grace_ends > self._clock.now():
            room = gevent.spawn(self.wait_for_room)
            try:
                self._clock.wait(room, grace_ends)
            finally:
                room.kill(block=False)
        return self.has_room

    def wait_for_room(self, until: Optional[int] = None) -> bool:
        """Return True once one more may begin, False if that is not before `until`.

        At `until` the caller must be woken by `wake`.
        """
        while until is None or self._clock.now() < until:
            if self.has_room:
                return True
            self._changed.clear()
            self._changed.wait()
        return False

    def wake(self) -> None:
        """Wake greenlets that wait for room: the limit has changed, or their time is over."""
        self._changed.set()

    def begin(self, arrival: Arrival) -> None:
        """Send an arrival, beside the others."""
        self._arrivals[arrival.seq] = arrival, None
        self._busy += 1
        self._running.spawn(self.send, arrival, True)

    def take(self, work: Callable[[], object]) -> None:
        """Call a function beside the others, which sends arrivals one after another."""
        self._busy += 1
        self._running.spawn(self._work, work)

    def _work(self, work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            self._make_room()

    def _make_room(self) -> None:
        self._busy -= 1
        self._changed.set()

    def send(self, arrival: Arrival, alone: bool = False) -> Result:
        """Send an arrival, and record and return its result; `alone`: others may take its room."""
        # Not within `_work`: each call around a transfer takes memory while it is in flight.
        start = self._clock.now()
        self._arrivals[arrival.seq] = arrival, start
        try:
            result = attempt(arrival, start, self._sender, self._clock, self._source)
            self._finish(arrival, result)
            return result
        finally:
            if alone:
                self._make_room()

    def join(self) -> None:
        """Return once none is in flight."""
        self._running.join()

    def kill(self) -> None:
        """Kill them all; return after a short time, even if some do not end."""
        self._running.kill(timeout=_KILLING)

    def write_off(self) -> None:
        """Record them all as cancelled."""
        for arrival, start in list(self._arrivals.values()):
            # Killed before it was started, or stuck where no exception reaches it.
            end = None if start is None else self._clock.now()
            self._finish(arrival, arrival.result("cancelled", start, end, detail="stopped"))

    def _finish(self, arrival: Arrival, result: Result) -> None:
        if self._arrivals.pop(arrival.seq, None) is not None:  # else it was written off
            self._record(result)
