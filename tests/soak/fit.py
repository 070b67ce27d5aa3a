"""Detects the growth of a measured quantity: samples → course → verdict (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from statistics import median
from typing import NamedTuple

HOUR = 3600.0

Point = tuple[float, float]
"""Seconds since the start, and the value at that time."""

_MOST = 200
_EDGE = 5


class Course(NamedTuple):
    """The course of a quantity; `slope` is its growth per hour, by Theil and Sen."""

    start: float  # the median of the first samples
    end: float  # the median of the last samples
    least: float
    most: float
    slope: float
    hours: float  # from the first sample to the last

    @property
    def growth(self) -> float:
        """Return the growth over the whole time by the slope."""
        return self.slope * self.hours


class Limit(NamedTuple):
    """The limit of a quantity's change: a share of its start, plus a constant."""

    share: float
    beside: float = 0.0
    band: bool = False  # True: applies to every sample; False: only to the trend

    def holds(self, course: Course) -> bool:
        """Return True if the quantity is within the limit."""
        allowed = self.share * course.start + self.beside
        if course.growth > allowed:
            return False
        return not self.band or max(course.most - course.start, course.start - course.least) <= (
            allowed
        )


def course(points: Sequence[Point]) -> Course:
    """Return the course of at least one point, in order of time."""
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
    """Return the median of the slopes between all pairs, which tolerates a third of outliers.

    P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, 1968. More than
    200 points are reduced to the medians of equal stretches. 0 without two different times.
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
    """Return the seconds after which a run must be steady: ten minutes, or a sixth of it."""
    return min(600.0, duration / 6)
