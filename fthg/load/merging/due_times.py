"""A test of due times: in the open model they rise with the numbers of arrivals (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from ...clock import SECOND
from ...transfer import Result

_MOST = 256
_APART = SECOND
"""The clocks of the machines that share a run agree better than that."""


class DueTimes:
    """The earliest and the latest due time of arrivals side by side, in at most `_MOST` stretches.

    A stretch is of 1 number at first; where there would be too many, every two become one.
    """

    def __init__(self) -> None:
        self._width = 0  # as a power of two
        self._stretches: dict[int, tuple[int, int]] = {}

    def add(self, results: Sequence[Result]) -> None:
        """Add the due times of some arrivals."""
        self._widen(max([result.seq for result in results]))
        width, stretches = self._width, self._stretches
        for result in results:
            at, due = result.seq >> width, result.due
            least, most = stretches.get(at, (due, due))
            if at not in stretches or due < least or due > most:
                stretches[at] = min(least, due), max(most, due)

    def merge(self, other: DueTimes) -> None:
        """Add all due times of another."""
        self._widen(max(other._stretches, default=0) << other._width)
        while self._width < other._width:
            self._double()
        for index, (least, most) in other._stretches.items():
            self._put(index >> self._width - other._width, least, most)

    def _widen(self, greatest: int) -> None:
        while greatest >> self._width >= _MOST:
            self._double()

    def _double(self) -> None:
        narrow, self._stretches = self._stretches, {}
        self._width += 1
        for index, (least, most) in narrow.items():
            self._put(index >> 1, least, most)

    def _put(self, index: int, least: int, most: int) -> None:
        before = self._stretches.get(index, (least, most))
        self._stretches[index] = min(before[0], least), max(before[1], most)

    @property
    def rise(self) -> bool:
        """False if an arrival with a lower number was due later, by more than a second."""
        latest = 0
        for _, (least, most) in sorted(self._stretches.items()):
            if latest > least + _APART:
                return False
            latest = max(latest, most)
        return True
