"""A constant rate: 5/s, 7/hour, 1 every 30s."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Optional

from ... import units
from ...clock import SECOND
from ...config import values
from .pacer import Pacer


@dataclass(frozen=True)
class Constant(Pacer):
    """Arrivals at equal distances: due(n) = n · period, never summed up, so it does not drift."""

    rate: Fraction  # files a second, above 0
    text: str = ""
    moves: ClassVar[bool] = True  # type: ignore[misc]

    @classmethod
    def read(cls, value: Any) -> Optional[Constant]:
        """Read any text, as the last of all pacers: its error explains how rates are written."""
        text = " ".join(values.text(value).split())
        rate = units.rate(text)
        return None if rate is None else cls(rate, text)

    @property
    def period(self) -> Fraction:
        """Seconds from each arrival to the next."""
        return 1 / self.rate

    def due(self, arrival: int) -> int:
        """Return when this arrival is due, rounded down."""
        return arrival * SECOND * self.rate.denominator // self.rate.numerator

    def moment(self, amount: Fraction) -> int:
        """Return when this many periods are over, rounded down."""
        periods = amount.numerator * SECOND * self.rate.denominator
        return periods // (amount.denominator * self.rate.numerator)

    def rate_at(self, time: int) -> Fraction:  # noqa: ARG002 - it is the same at any time
        """Return the target in files a second."""
        return self.rate

    def arrivals(self, until: int) -> int:
        """Return how many arrivals are due before `until`."""
        return max(0, -(-until * self.rate.numerator // (SECOND * self.rate.denominator)))

    def due_between(self, since: int, until: int) -> Fraction:
        """Return the mean number of arrivals in a time of this length."""
        return (until - since) * self.rate / SECOND

    def seconds(self, arrivals: int) -> Fraction:
        """Return the time that the first `arrivals` stand for, exactly."""
        return arrivals / self.rate

    def mean_rate(self, until: int) -> Fraction:  # noqa: ARG002 - it is the same at any time
        """Return the target in files a second."""
        return self.rate
