"""Axes with their ticks and labels (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable, NamedTuple

from . import shown

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND

_SUBSECOND = [factor * 10**power for power in range(6) for factor in (1, 2, 5)]
_CLOCK = (
    [n * SECOND for n in (1, 2, 5, 10, 15, 30)]
    + [n * MINUTE for n in (1, 2, 5, 10, 15, 30)]
    + [n * HOUR for n in (1, 2, 3, 6, 12)]
)
_DAYS = [factor * 10**power * DAY for power in range(7) for factor in (1, 2, 5)]
_DURATION_STEPS = _SUBSECOND + _CLOCK + _DAYS
_TIME_STEPS = _SUBSECOND + _CLOCK + [DAY, 2 * DAY, 7 * DAY, 14 * DAY]


class Tick(NamedTuple):
    """One mark of an axis: its position from 0 to 1, and its label."""

    at: float
    label: str
    strong: bool = False  # the start of a day or year


class Axis(NamedTuple):
    """A linear axis from `low` to `high` with its ticks."""

    low: float
    high: float
    ticks: Sequence[Tick]

    def place(self, value: float) -> float:
        """Return the position of a value, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)


def count_axis(top: int, ticks: int = 5) -> Axis:
    """Return an axis from 0 to a round number that is at least `top`."""
    step = next(
        factor * 10**power
        for power in range(20)
        for factor in (1, 2, 5)
        if factor * 10**power * ticks >= top
    )
    return _axis(0, max(top, 1), step, shown.number)


def duration_axis(low: int, high: int, ticks: int = 4) -> Axis:
    """Return an axis of microseconds that includes 0 and has round numbers at both ends."""
    low, high = min(low, 0), max(high, 0, min(low, 0) + 1)
    step = _first(_DURATION_STEPS, (high - low) / ticks)
    return _axis(low, high, step, _duration)


def _axis(low: int, high: int, step: int, label: Callable[[int], str]) -> Axis:
    first, last = low // step * step, -(-high // step) * step
    ticks = [
        Tick((value - first) / (last - first), label(value))
        for value in range(first, last + 1, step)
    ]
    return Axis(first, last, ticks)


def _duration(value: int) -> str:
    return shown.duration(value) if value else "0"


def inner_ticks(low: int, high: int, ticks: int = 6) -> Axis:
    """Return an axis from exactly `low` to exactly `high` with ticks at round durations."""
    high = max(high, low + 1)
    step = _first(_DURATION_STEPS, (high - low) / ticks)
    values = range(-(-low // step) * step, high + 1, step)
    # If the scale is finer than the labels, only the first of equal labels is used.
    labels = {_duration(value): value for value in reversed(values)}
    return Axis(
        low,
        high,
        [Tick((labels[text] - low) / (high - low), text) for text in reversed(list(labels))],
    )


def time_axis(start: int, end: int, ticks: int = 8) -> Axis:
    """Return an axis of points in time, with finer labels for shorter periods."""
    span = max(end - start, 1)
    if span / ticks > 14 * DAY:
        return Axis(start, start + span, _months(start, span, ticks))
    step = _first(_TIME_STEPS, span / ticks)
    # Weeks begin on Mondays; 1970-01-05 was one.
    origin = 4 * DAY if step >= 7 * DAY else 0
    first = start + (origin - start) % step
    return Axis(
        start,
        start + span,
        [
            Tick((value - start) / span, _time_label(value, step), value % DAY == 0 and step < DAY)
            for value in range(first, start + span + 1, step)
        ],
    )


def _time_label(value: int, step: int) -> str:
    moment = shown.when(value)
    if step >= DAY or value % DAY == 0:
        return f"{moment.day} {moment:%b}"
    if step >= MINUTE:
        return f"{moment:%H:%M}"
    if step >= SECOND or value % SECOND == 0:
        return f"{moment:%H:%M:%S}"
    return f".{moment.microsecond:06d}".rstrip("0")


def _months(start: int, span: int, ticks: int) -> Sequence[Tick]:
    months = span / (30.4 * DAY)
    step = next(n for n in (1, 2, 3, 6, 12, 24, 60, 120, 1200, 12_000) if months / n <= ticks)
    first = shown.when(start)
    found = []
    for month in range(int(months) + 2):
        year, index = divmod(first.year * 12 + first.month - 1 + month, 12)
        if (year * 12 + index) % step or year > 9999:
            continue
        moment = first.replace(
            year=year, month=index + 1, day=1, hour=0, minute=0, second=0, microsecond=0
        )
        at = (int(moment.timestamp()) * SECOND - start) / span
        if 0 <= at <= 1:
            label = f"{year}" if step >= 12 else f"{moment:%b} {year}"
            found.append(Tick(at, label, index == 0 and step < 12))
    return found


def _first(steps: Sequence[int], wanted: float) -> int:
    return next((step for step in steps if step >= wanted), steps[-1])


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
