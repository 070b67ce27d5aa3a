"""The pacer of a slice: every nth arrival of another pacer."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Any, Optional

from ...clock import SECOND
from ...slices import Slice
from .pacer import Pacer


class PartPacer(Pacer):
    """A slice of the arrivals of a pacer; its times are after the first arrival of the slice."""

    def __init__(self, base: Pacer, slice_: Slice) -> None:
        self.text = base.text
        self._base, self._slice = base, slice_
        begin = base.seconds(slice_.part) if base.due(slice_.part) else Fraction(0)
        self.since = ceil(
            begin * SECOND
        )  # its time 0, as the base counts; up: no more time is over than its arrivals stand for

    @classmethod
    def read(cls, value: Any) -> Optional[Pacer]:  # noqa: ARG003 - it is made from another pacer
        """Return None: no value of `rate:` makes a slice."""
        return None

    def due(self, arrival: int) -> Optional[int]:
        """Return when this arrival of the slice is due."""
        due = self._base.due(self._number(arrival))
        return None if due is None else due - self.since

    def rate_at(self, time: int) -> Optional[Fraction]:
        """Return the slice's part of the target."""
        rate = self._base.rate_at(time + self.since)
        return None if rate is None else rate / self._slice.of

    def seconds(self, arrivals: int) -> Fraction:
        """Return the time that the first `arrivals` stand for, exactly where the base does."""
        begin = self._base.seconds(self._number(0)) if self.since else Fraction(0)
        return max(Fraction(0), self._base.seconds(self._number(arrivals)) - begin)

    def _number(self, arrival: int) -> int:
        return self._slice.part + self._slice.of * arrival
