"""When each arrival of a job is due: pure arithmetic, exact for years."""

from __future__ import annotations

from fractions import Fraction
from typing import Optional

from ...clock import SECOND


class Schedule:
    """Due times of arrivals 0, 1, 2 … at a rate: due(n) = start + n · period, never summed up.

    `start` and due times are nanoseconds of the run's clock; `rate` is files a second, None is
    `max`: every arrival is due at once.
    """

    def __init__(self, start: int, rate: Optional[Fraction]) -> None:
        self.start = start
        self._period = SECOND * rate.denominator if rate else 0
        self._per = rate.numerator if rate else 1

    def due(self, arrival: int) -> int:
        """When this arrival is due."""
        return self.start + arrival * self._period // self._per

    def postpone(self, arrival: int, moment: int) -> int:
        """Make an arrival due at `moment` if it was due before, later ones after it; its due time.

        This is the closed model: time that was lost is not made up in a burst.
        """
        self.start += max(0, moment - self.due(arrival))
        return self.due(arrival)
