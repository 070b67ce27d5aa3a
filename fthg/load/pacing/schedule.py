"""The due times of a job on the run's clock."""

from __future__ import annotations

from typing import Optional

from .pacer import Pacer


class Schedule:
    """Due times of arrivals 0, 1, 2 …: start + what the pacer says, in nanoseconds of the clock."""

    def __init__(self, start: int, pacer: Pacer) -> None:
        self.start = start
        self._due = pacer.due

    def due(self, arrival: int) -> Optional[int]:
        """Return when this arrival is due; None if there is no such arrival."""
        due = self._due(arrival)
        return None if due is None else self.start + due

    def postpone(self, arrival: int, moment: int) -> Optional[int]:
        """Make an arrival due at `moment` if it was due before, later ones after it; its due time.

        This is the closed model: time that was lost is not made up in a burst.
        """
        due = self.due(arrival)
        if due is None:
            return None
        self.start += max(0, moment - due)
        return max(due, moment)
