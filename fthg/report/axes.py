"""Axes of numbers with their ticks and labels (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable, NamedTuple

from . import shown
from .labels import MARGIN, Tick, fit_labels

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND

SUBSECOND = tuple(factor * 10**power for power in range(6) for factor in (1, 2, 5))
_DURATION_STEPS = (
    *SUBSECOND,
    *(n * SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(factor * 10**power * DAY for power in range(7) for factor in (1, 2, 5)),
)
# Hundredths of a percent that an axis of shares can span, and those that are cut into five.


class Axis(NamedTuple):
    """A linear axis from `low` to `high` with its ticks."""

    low: float
    high: float
    ticks: Sequence[Tick]

    def place(self, value: float) -> float:
        """Return the position of a value, from 0 to 1; a value beyond an end is at that end."""
        return min(max((value - self.low) / (self.high - self.low), 0), 1)


def count_axis(top: int, ticks: int = 6) -> Axis:
    """Return an axis from 0 to a round number that is at least `top`."""
    step = next(
        factor * 10**power
        for power in range(20)
        for factor in (1, 2, 5)
        if factor * 10**power * ticks >= top
    )
    return _axis(0, max(top, 1), step, shown.compact if top >= 10_000 else shown.number)


def duration_axis(low: int, high: int, ticks: int = 5) -> Axis:
    """Return an axis of microseconds that includes 0 and has round numbers at both ends."""
    low, high = min(low, 0), max(high, 0, min(low, 0) + 1)
    step = first_step(_DURATION_STEPS, (high - low) / ticks)
    return _axis(low, high, step, shown.exact_duration)


def _axis(low: int, high: int, step: int, label: Callable[[int], str]) -> Axis:
    first, last = low // step * step, -(-high // step) * step
    ticks = [
        Tick((value - first) / (last - first), label(value))
        for value in range(first, last + 1, step)
    ]
    return Axis(first, last, ticks)


def inner_ticks(low: int, high: int, ticks: int = 6) -> Axis:
    """Return an axis from exactly `low` to exactly `high` with ticks at round durations.

    It is for charts without another axis to their left.
    """
    high = max(high, low + 1)
    step = first_step(_DURATION_STEPS, (high - low) / ticks)
    found = [
        Tick((value - low) / (high - low), shown.exact_duration(value))
        for value in range(-(-low // step) * step, high + 1, step)
    ]
    return Axis(low, high, fit_labels(found, MARGIN))


def first_step(steps: Sequence[int], wanted: float) -> int:
    """Return the first of ascending steps that is wide enough, or the last."""
    return next((step for step in steps if step >= wanted), steps[-1])


def without_outliers(values: Sequence[int], typical: int) -> int:
    """Return the highest of values without those that would flatten all others.

    Left out are at most an eighth, of three or more at least one, and only values that are three
    times as high as all that remain and as what is typical.
    """
    ordered = sorted(values)
    for count in range(max(len(ordered) // 8, int(len(ordered) > 2)), 0, -1):
        if ordered[-count] >= 3 * max(ordered[-count - 1], typical):
            return ordered[-count - 1]
    return ordered[-1]


def apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move places as little as possible, so that they are at least `gap` apart, in order."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    floor = low
    for index in order:
        floor = moved[index] = max(places[index], floor)
        floor += gap
    ceiling = high
    for index in reversed(order):
        ceiling = moved[index] = min(moved[index], ceiling)
        ceiling -= gap
    return moved
