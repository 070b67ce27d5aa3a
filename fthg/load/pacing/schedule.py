"""The due times of a job on the run's clock."""

from __future__ import annotations

from typing import Optional

from .pacer import Pacer


class Schedule:
    """Due times of arrivals 0, 1, 2 …: start + what the pacer says, in nanoseconds of the clock."""

    def __init__(self, start: int, pacer: Pacer) -> None:
        self.start = start
        self._pacer = pacer
        self._due = pacer.due

    def due(self, arrival: int) -> Optional[int]:
        """Return when this arrival is due; None if there is no such arrival."""
        due = self._due(arrival)
        return None if due is None else self.start + due

    def following(self, arrival: int, moment: int, step: int) -> int:
        """Return the arrival that follows one that was sent at a moment: `step` on, or a multiple.

        This is the closed model: lost time is not made up in a burst. Where the pacer
        keeps to the clock, the arrivals that fell due meanwhile are skipped; else all are moved.
        """
        due = self.due(arrival)
        late = 0 if due is None else moment - due
        if late <= 0:
            return arrival + step
        if self._pacer.moves:
            self.start += late
            return arrival + step
        first = self._pacer.arrivals(moment - self.start + 1) or 0
        return arrival + step * max(1, -((arrival - first) // step))
