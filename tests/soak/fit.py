"""Does a measured quantity grow? Samples → course → verdict (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from statistics import median
from typing import NamedTuple

HOUR = 3600.0

Point = tuple[float, float]
"""Seconds since the start, and what was measured then."""

_MOST = 200
_EDGE = 5


class Course(NamedTuple):
    """What became of a quantity; `slope` is its growth in an hour, by Theil and Sen."""

    start: float  # the middle one of the first few samples
    end: float  # and of the last few
    least: float
    most: float
    slope: float
    hours: float  # from the first sample to the last

    @property
    def growth(self) -> float:
        """What the slope makes of all this time."""
        return self.slope * self.hours


class Limit(NamedTuple):
    """How much a quantity may change: a share of its start, and so much beside."""

    share: float
    beside: float = 0.0
    band: bool = False  # True: no sample may lie farther from the start; else only the trend counts

    def holds(self, course: Course) -> bool:
        """True if the quantity neither grows nor, for a band, leaves it."""
        allowed = self.share * course.start + self.beside
        if course.growth > allowed:
            return False
        return not self.band or max(course.most - course.start, course.start - course.least) <= (
            allowed
        )


def course(points: Sequence[Point]) -> Course:
    """The course of at least one point, in order of time."""
    values = [value for _, value in points]
    return Course(
        start=median(values[:_EDGE]),
        end=median(values[-_EDGE:]),
        least=min(values),
        most=max(values),
        slope=slope(points) * HOUR,
        hours=(points[-1][0] - points[0][0]) / HOUR,
    )


def slope(points: Sequence[Point]) -> float:
    """The median of the slopes between all pairs: a third of all points may lie anywhere.

    P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, 1968. Of more than
    200 points the medians of equal stretches stand for all. 0 where there are no two moments.
    """
    few = _thinned(points)
    slopes = [
        (later - earlier) / (then - when)
        for (when, earlier), (then, later) in combinations(few, 2)
        if then > when
    ]
    return median(slopes) if slopes else 0.0


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    if len(points) <= _MOST:
        return points
    size = -(-len(points) // _MOST)
    stretches = [points[at : at + size] for at in range(0, len(points), size)]
    return [
        (median(when for when, _ in stretch), median(value for _, value in stretch))
        for stretch in stretches
    ]


def settled(duration: float) -> float:
    """Seconds after which a run of this length must be steady: ten minutes, or a sixth of it."""
    return min(600.0, duration / 6)
