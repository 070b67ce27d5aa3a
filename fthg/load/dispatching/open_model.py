"""The open model: every arrival of the schedule is sent on time, or dropped."""

from __future__ import annotations

from itertools import count
from typing import Optional

from ..pacing.schedule import Schedule
from ..standstills import AFTER, STOOD_STILL, is_caught_up, pause_of_overdue
from .lane import Lane, Period

AT_ONCE = 32
"""Overdue arrivals that are dispatched in one turn of the loop: on a busy host a turn may take
longer than the time between two arrivals."""


class OpenModel:
    """A schedule that is followed whatever the server does."""

    def __init__(self, lane: Lane, period: Period) -> None:
        self._lane = lane
        self._period = period
        self._schedule = Schedule(period.start, period.pacer)
        self._next_due: Optional[int] = period.start

    def overdue(self, moment: int) -> bool:
        """Return True if arrivals that fell due up to a moment may still be dropped."""
        return self._next_due is not None and self._next_due <= moment

    def dispatch(self) -> None:
        """Return after the last arrival of the period."""
        try:
            self._follow()
        finally:
            self._next_due = None

    def _follow(self) -> None:
        job, clock, transfers, turns, record = self._lane
        behind = 0
        for position in count(job.first, job.slice.of):
            due = self._schedule.due(position)
            if due is None or self._period.is_over(due):
                return
            turn = turns.take()
            if turn is None:
                return
            self._next_due = due
            behind = behind + 1 if due <= clock.now() else 0
            if behind % AT_ONCE == 0:
                clock.sleep_until(due)
            arrival = turns.arrival(turn, due)
            reason = self._reason_to_drop(position, due)
            if reason:
                record(arrival.result("dropped", detail=reason))
            else:
                transfers.begin(arrival)

    def _reason_to_drop(self, position: int, due: int) -> Optional[str]:
        """Return why an arrival is not sent, None if it is."""
        job, clock, transfers, *_ = self._lane
        pause = pause_of_overdue(due, clock)
        if pause and not is_caught_up(due, self._due_after(position), pause.end):
            return STOOD_STILL
        if transfers.has_room or transfers.has_room_soon():
            return None
        after = AFTER if clock.lag.grace_ends > due else ""
        return f"{job.limit} in flight already (max_in_flight){after}"

    def _due_after(self, position: int) -> Optional[int]:
        """Return when the next arrival of this process is due, if there will be one."""
        job = self._lane.job
        position += job.slice.of
        due = self._schedule.due(position)
        if due is None or self._period.is_over(due):
            return None
        return None if job.count is not None and position >= job.count else due
