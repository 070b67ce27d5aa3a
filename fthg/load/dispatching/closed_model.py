"""The closed model with a target: an arrival waits for a free sender."""

from __future__ import annotations

from typing import Optional

from ..pacing.schedule import Schedule
from ..standstills import pause_of_overdue
from .lane import Lane, Period, waking
from .open_model import AT_ONCE


class ClosedModel:
    """A schedule that is followed as far as senders are free.

    Which file comes next, and which arrival of the schedule, are counted apart: where arrivals
    are skipped, no file is. A process skips arrivals of its own slice.
    """

    def __init__(self, lane: Lane, period: Period) -> None:
        self._lane = lane
        self._period = period
        self._schedule = Schedule(period.start, period.pacer)
        self._behind = 0

    def overdue(self, moment: int) -> bool:  # noqa: ARG002 - whatever fell due
        """Return False: nothing is dropped."""
        return False

    def dispatch(self) -> None:
        """Return after the last arrival of the period."""
        with waking(self._lane, self._period.end):
            self._follow()

    def _follow(self) -> None:
        turns = self._lane.turns
        position, step = self._period.first(self._lane.job), self._lane.job.slice.of
        while (due := self._schedule.due(position)) is not None and not self._period.is_over(due):
            turn = turns.take()
            if turn is None:
                return
            moment = self._wait(due)
            if moment is None or self._period.is_over(moment):
                turns.give_back(turn)
                return
            self._lane.transfers.begin(turns.arrival(turn, moment))
            position = self._schedule.following(position, moment, step)

    def _wait(self, due: int) -> Optional[int]:
        """Return when an arrival is sent: once it is due and a sender is free, and no earlier
        than the end of a standstill in which it fell due. None: not before the period ends."""
        _, clock, transfers, *_ = self._lane
        self._behind = self._behind + 1 if due <= clock.now() else 0
        if self._behind % AT_ONCE == 0:
            clock.sleep_until(due)
        if not transfers.has_room:
            free = transfers.wait_for_room(self._period.end)
            return max(due, clock.now()) if free else None
        pause = pause_of_overdue(due, clock)
        return due if pause is None else pause.end
