"""The scale of a histogram: bars of equal width, and one at each end for all beyond (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import axes
from .axes import Axis
from .labels import WIDTHS, Tick, clear, fit_labels

_TAIL = 0.07  # share of the width of a bar for all shorter or all longer ones
_GAP = 0.04  # between such a bar and the others, which have a scale
_FEWEST = 12  # bars that have room on the scale: fewer do not grow wider
_THINNEST = 0.8  # percent of the width


@dataclass(frozen=True)
class Bin:
    """One bar of the histogram: durations of at least `low` and less than `high`."""

    low: int
    high: int
    count: int
    tail: str = ""  # "shorter", "longer": holds all beyond the others, and is not of their width


class Scale:
    """The scale of the bars, with room for a bar of all shorter or longer ones at each end."""

    def __init__(self, bins: Sequence[Bin]) -> None:
        tails = {b.tail for b in bins}
        linear = [b for b in bins if not b.tail]
        self.axis = axes.inner_ticks(*_range(linear)) if linear else Axis(0, 1, ())
        self.left = (_TAIL + _GAP) * ("shorter" in tails)
        self.width = 1 - self.left - (_TAIL + _GAP) * ("longer" in tails)

    def place(self, value: float) -> float:
        """Return the position from 0 to 1; a value beyond the scale is in the middle of a tail."""
        if value < self.axis.low:
            return _TAIL / 2
        if value > self.axis.high:
            return 1 - _TAIL / 2
        return self.left + self.width * self.axis.place(value)

    def span(self, b: Bin) -> tuple[float, float]:
        """Return left edge and width of a bar in percent."""
        if b.tail:
            return (0 if b.tail == "shorter" else round(100 - _TAIL * 100, 3)), _TAIL * 100
        left, right = (self.left + self.width * self.axis.place(x) for x in (b.low, b.high))
        width = max((right - left) * 90, _THINNEST)
        return round((left + right) * 50 - width / 2, 3), round(width, 3)

    def ticks(self) -> Sequence[Tick]:
        """Return the ticks of the scale and the names of the tails."""
        shorter = [Tick(0, "shorter", True, "start")] if self.left else []
        longer = [Tick(1, "longer", True, "end")] if self.left + self.width < 1 else []
        inner = [tick._replace(at=self.left + self.width * tick.at) for tick in self.axis.ticks]
        beside = [_beside(tick, shorter, longer) for tick in fit_labels(inner)]
        return [*shorter, *beside, *longer]


def _beside(tick: Tick, left: Sequence[Tick], right: Sequence[Tick]) -> Tick:
    """Return the tick with the level at which its label does not touch those at the ends."""
    for level in range(tick.level, len(WIDTHS)):
        if clear([*left, tick, *right], WIDTHS[level]):
            return tick._replace(level=level)
    return tick._replace(label="")


def _range(linear: Sequence[Bin]) -> tuple[int, int]:
    """Return the ends of the scale: those of the bars, or farther apart if the bars are few."""
    low, high = linear[0].low, linear[-1].high
    width = (linear[0].high - low) * _FEWEST
    if len(linear) == 1:  # all values are equal
        width = max(width, abs(low) // 4)
    if (missing := width - (high - low)) <= 0:
        return low, high
    below = missing // 2 if low < 0 else min(missing // 2, low)
    return low - below, high + missing - below
