"""One job while it runs: it dispatches arrivals when they are due, and records their results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

import gevent
from gevent.event import Event

from ..clock import SECOND, Clock
from ..protocols.base import Sender
from .dispatching import Dispatching, Lane, dispatching, periods
from .in_flight import InFlight, Record
from .limit import Limit
from .plan import Job
from .turns import Turns


class RunningJob:
    """A job from its first due time on; `start` and `end` are readings of `clock`.

    Its state is one of `waiting`, `running`, `stopping` and `done`.
    """

    def __init__(
        self,
        job: Job,
        sender: Sender,
        names: Iterator[Optional[str]],
        clock: Clock,
        record: Record,
        start: int,
        end: Optional[int],
    ) -> None:
        self.job = job
        self.start = start
        self.dispatched_until = start
        self._sender = sender
        self._limit = Limit(job, start, clock)
        self._transfers = InFlight(job, sender, clock, record, self._limit)
        self._lane = Lane(job, clock, self._transfers, Turns(job, names, clock), record)
        self._clock = clock
        self._end = end
        self._now_dispatching: Optional[Dispatching] = None
        self._stopping = Event()
        self._dispatcher = gevent.spawn(self._dispatch)
        self._timers = [gevent.spawn(self._change_senders)] if job.senders else []
        if end is not None:
            self._timers.append(gevent.spawn(self._stop_at_end, end))
        self._drained = gevent.spawn(self._drain)

    # --- its state

    @property
    def in_flight(self) -> int:
        """Transfers whose outcome is not known yet."""
        return len(self._transfers)

    @property
    def state(self) -> str:
        """`waiting`, `running`, `stopping` or `done`."""
        if not self._dispatcher.dead:
            return "running" if self._clock.now() >= self.start else "waiting"
        return "stopping" if self._transfers else "done"

    @property
    def broken(self) -> bool:
        """True if an unexpected error ended its dispatching."""
        return self._dispatcher.exception is not None

    @property
    def dispatching(self) -> bool:
        """True while it may dispatch further arrivals."""
        return not self._dispatcher.dead

    def overdue(self, moment: int) -> bool:
        """Return True if arrivals that fell due up to a moment may still be dropped."""
        return self.dispatching and (
            self.start <= moment
            if self._now_dispatching is None
            else self._now_dispatching.overdue(moment)
        )

    @property
    def dispatch_seconds(self) -> float:
        """Seconds from the first due time to the end of dispatching, or to now."""
        until = self._clock.now() if self.dispatching else self.dispatched_until
        if self._end is not None:
            until = min(until, self._end)
        return max(0, until - self.start) / SECOND

    # --- the end

    def run_out(self, grace: float) -> None:
        """Return once every arrival has its outcome.

        When the job is stopped, or its time is over, what is in flight has `grace` seconds left.
        """
        gevent.wait([self._drained, self._stopping], count=1)
        if not self._drained.dead:
            self._clock.wait(self._drained, self._clock.now() + round(grace * SECOND))
        self.cut()

    def _drain(self) -> None:
        self._dispatcher.join()
        self._transfers.join()

    def stop(self) -> None:
        """Dispatch no more; transfers in flight go on."""
        self._dispatcher.kill()
        self._stopping.set()

    def cut(self) -> None:
        """End what is in flight: each is recorded as cancelled."""
        self.stop()
        if not self._drained.dead:
            self._transfers.kill()
            self._drained.kill()  # without waiting for those that do not end
        self.write_off()

    def write_off(self) -> None:
        """Record what is in flight as cancelled."""
        self._transfers.write_off()

    def close(self) -> None:
        """End the sender's connections."""
        gevent.killall(self._timers)
        self._sender.close()

    # --- the schedule

    def _dispatch(self) -> None:
        try:
            for period in periods(self.job, self.start, self._end):
                self._now_dispatching = dispatching(self._lane, period)
                self._now_dispatching.dispatch()
                if self._lane.turns.over:
                    return
            self._stay_until_end()
        finally:
            self.dispatched_until = self._clock.now()

    def _stay_until_end(self) -> None:
        """Wait through a pause at the end of the stages, which are the duration of the job."""
        if self._end is not None and self._end > self.start and self.job.stages_end is not None:
            self._clock.sleep_until(self._end)

    def _change_senders(self) -> None:
        """Wake greenlets that wait for a sender, whenever the number of senders changes."""
        while (change := self._limit.next_change) is not None:
            self._clock.sleep_until(change)
            self._limit()
            self._transfers.wake()

    def _stop_at_end(self, end: int) -> None:
        self._clock.sleep_until(end)
        self._stopping.set()
