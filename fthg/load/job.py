"""One job while it runs: it dispatches arrivals when they are due, and records their results."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Optional

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore

from ..clock import SECOND, Clock, let_others_run
from ..protocols.backoff import Backoff
from ..protocols.base import Sender
from .arrival import Arrival
from .files import locate
from .in_flight import InFlight, Record
from .pacing.schedule import Schedule
from .plan import Job
from .standstills import AFTER, STOOD_STILL, is_caught_up, pause_of_overdue
from .uuids import uuids

_AT_ONCE = 32
"""Overdue arrivals that are dispatched in one turn of the loop: on a busy host a turn may take
longer than the time between two arrivals."""

_PAUSE = SECOND // 20
_INSTANT = SECOND // 20_000
"""A transfer that took longer has waited for the network, and so has let others run."""

_ANSWERED = frozenset({None, "status", "permission", "no_path", "remote", "size"})
"""Success, and kinds of failure that the server reports itself: at `max` the next file follows at
once."""


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
        self._transfers = InFlight(job, sender, clock, record)
        self._turns = self._numbered(names)
        self._taking = BoundedSemaphore()
        self._uuids = uuids()
        self._clock = clock
        self._record = record
        self._end = end
        self._schedule = Schedule(start, job.pacer)
        self._next_due = start
        self._awaits_sender = False
        self._stopping = Event()
        self._dispatcher = gevent.spawn(self._dispatch)
        self._stopper = gevent.spawn(self._stop_at_end) if end is not None else None
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
        return self.job.open and self.dispatching and self._next_due <= moment

    @property
    def dispatch_seconds(self) -> float:
        """Seconds from the first due time to the end of dispatching, or to now."""
        until = self._clock.now() if self.dispatching else self.dispatched_until
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
        """Dispatch no more; what is in flight goes on."""
        self._dispatcher.kill()
        self._stopping.set()

    def cut(self) -> None:
        """End what is in flight: each is recorded as cancelled."""
        self.stop()
        if not self._drained.dead:
            self._transfers.kill()
            self._drained.kill()  # it would wait for those that do not end
        self.write_off()

    def write_off(self) -> None:
        """Record what is in flight as cancelled."""
        self._transfers.write_off()

    def close(self) -> None:
        """End the sender's connections."""
        if self._stopper is not None:
            self._stopper.kill()
        self._sender.close()

    # --- the schedule

    def _dispatch(self) -> None:
        try:
            if not self.job.pacer.has_target:
                self._keep_all_busy()
            else:
                self._follow_schedule()
        finally:
            self.dispatched_until = self._clock.now()

    def _follow_schedule(self) -> None:
        behind = 0
        for seq, name in self._turns:
            due = self._schedule.due(seq)
            if due is not None and not self.job.open and not self._transfers.has_room:
                due = self._schedule.postpone(seq, self._when_one_is_free())
            if due is None or self._is_over(due):
                return
            self._next_due = due
            behind = behind + 1 if due <= self._clock.now() else 0
            if behind % _AT_ONCE == 0:
                self._clock.sleep_until(due)
            if not self.job.open:
                due = self._after_standstill(seq, due)
                if self._is_over(due):
                    return
            arrival = self._arrival(seq, name, due)
            reason = self._reason_to_drop(seq, due) if self.job.open else None
            if reason:
                self._record(arrival.result("dropped", detail=reason))
            else:
                self._transfers.begin(arrival)

    def _reason_to_drop(self, seq: int, due: int) -> Optional[str]:
        """Return why an arrival of the open model is not sent, None if it is."""
        pause = pause_of_overdue(due, self._clock)
        if pause and not is_caught_up(due, self._due_after(seq), pause.end):
            return STOOD_STILL
        if self._transfers.has_room or self._transfers.has_room_soon():
            return None
        after = AFTER if self._clock.lag.grace_ends > due else ""
        return f"{self.job.limit} in flight already (max_in_flight){after}"

    def _after_standstill(self, seq: int, due: int) -> int:
        """Return when an arrival of the closed model is due: what fell due in a standstill waits
        for its end, and moves all later ones."""
        pause = pause_of_overdue(due, self._clock)
        return due if pause is None else self._schedule.postpone(seq, pause.end) or due

    def _due_after(self, seq: int) -> Optional[int]:
        """Return when the next arrival of this process is due, if there will be one."""
        seq += self.job.slice.of
        due = self._schedule.due(seq)
        if due is None or self._is_over(due):
            return None
        return None if self.job.count is not None and seq >= self.job.count else due

    def _is_over(self, due: int) -> bool:
        """Return True if the job has ended when an arrival is due."""
        return self._end is not None and due >= self._end

    def _keep_all_busy(self) -> None:
        """At `max` nothing is due: each sender takes the next file as soon as it is free."""
        self._clock.sleep_until(self.start)
        for _ in range(self.job.limit):
            self._transfers.take(self._take_turns)
        self._awaits_sender = True
        self._transfers.join()

    def _take_turns(self) -> None:
        backoff = Backoff(_PAUSE, free=1)  # one failure alone says nothing
        while self.dispatching:
            with self._taking:  # where a directory is read again, others must wait for it
                turn = next(self._turns, None)
            now = self._clock.now()
            if turn is None or (self._end is not None and now >= self._end):
                return
            if self._transfers.send(self._arrival(*turn, now)).error in _ANSWERED:
                backoff.succeeded()
                if self._clock.now() - now < _INSTANT:
                    let_others_run()  # answers may come at once
            else:
                backoff.failed(self._clock.now())
                self._clock.wait(self._stopping, backoff.until)

    def _numbered(self, names: Iterator[Optional[str]]) -> Iterator[tuple[int, Optional[str]]]:
        """Yield this process's own arrivals, with the files' names."""
        part, of = self.job.slice
        for seq, name in islice(enumerate(names), part, None, of):
            if self.job.count is not None and seq >= self.job.count:
                return
            yield seq, name

    def _arrival(self, seq: int, name: Optional[str], due: int) -> Arrival:
        path, shown = (None, None) if name is None else locate(self.job.source, name)
        return Arrival(self.job.name, seq, next(self._uuids), due, path, shown)

    def _when_one_is_free(self) -> int:
        self._awaits_sender = True
        self._transfers.wait_for_room()
        self._awaits_sender = False
        return self._clock.now()

    def _stop_at_end(self) -> None:
        """End a dispatcher whose senders are all busy; any other ends by itself."""
        assert self._end is not None  # noqa: S101 - spawned only if there is one
        self._clock.sleep_until(self._end)
        if self._awaits_sender:
            self._dispatcher.kill()
        self._stopping.set()
