"""The one interface between a job and its rate."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import Any, Optional

from ...clock import SECOND


class Pacer(ABC):
    """A rule for when arrivals are due: exact, and the same on every machine and in every slice.

    Arrivals are counted from 0. Times are integer nanoseconds after the start of the job. A pacer
    has no state: it is asked in any order.
    """

    text: str
    """The value of `rate:`, as it was written."""

    @classmethod
    @abstractmethod
    def read(cls, value: Any) -> Optional[Pacer]:
        """Return the pacer for a value of `rate:`, or None if another kind of pacer reads it.

        Raises ValueError with what would be right.
        """

    @abstractmethod
    def due(self, arrival: int) -> Optional[int]:
        """Return when this arrival is due, rounded down; None if there is no such arrival.

        It never decreases from one arrival to the next.
        """

    @abstractmethod
    def rate_at(self, time: int) -> Optional[Fraction]:
        """Return the target in files a second; None: as fast as answers come."""

    def arrivals(self, until: int) -> Optional[int]:
        """Return how many arrivals are due before `until`; None where the answers decide."""
        if self.rate_at(0) is None:
            return None
        most = 1
        while self._is_due(most - 1, until):
            most *= 2
        least = most // 2
        while least < most:  # the first arrival that is not due before
            middle = (least + most) // 2
            if self._is_due(middle, until):
                least = middle + 1
            else:
                most = middle
        return least

    def _is_due(self, arrival: int, until: int) -> bool:
        due = self.due(arrival)
        return due is not None and due < until

    def seconds(self, arrivals: int) -> Fraction:
        """Return the time that the first `arrivals` stand for: until the next one would be due."""
        due = self.due(arrivals)
        if due is None:
            due = self.due(arrivals - 1) or 0
        return Fraction(due, SECOND)

    def mean_rate(self, until: int) -> Optional[Fraction]:
        """Return the mean target from the start until then, in files a second; None: no target."""
        arrivals = self.arrivals(until)
        if arrivals is None or until <= 0:
            return self.rate_at(0)
        return Fraction(arrivals * SECOND, until)
