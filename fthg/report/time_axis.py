"""Axes of points in time, with ticks by the clocks of a zone (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timezone, tzinfo

from ..text import in_zone
from ..zones import transitions
from .axes import DAY, HOUR, MINUTE, SECOND, SUBSECOND, Axis, first_step
from .labels import BESIDE_AXIS, Tick, fit_labels

_STEPS = (
    *SUBSECOND,
    *(n * SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 7, 14)),
)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 1200, 12_000)
_MONDAY = 4 * DAY  # 1970-01-05: weeks begin on Mondays


def time_axis(
    start: int, end: int, ticks: int = 8, zone: tzinfo = timezone.utc, left: int = BESIDE_AXIS
) -> Axis:
    """Return an axis of points in time, with finer labels for shorter periods.

    `left` pixels beside the chart are free for a label.
    """
    span = max(end - start, 1)
    if span / ticks > 14 * DAY:
        found = _months(start, span, ticks, zone)
    else:
        found = list(_clock_ticks(start, span, first_step(_STEPS, span / ticks), zone))
    return Axis(start, start + span, fit_labels(found, left))


def _clock_ticks(start: int, span: int, step: int, zone: tzinfo) -> Iterator[Tick]:
    moments = list(_moments(start, start + span, step, zone))
    times = Counter(local for _, local in moments)
    for utc, local in moments:
        midnight = local % DAY == 0
        label = _label(local, step)
        if times[local] > 1:  # the hour that comes twice when summer time ends
            label += f" {in_zone(utc * 1000, zone):%Z}"
        strong = midnight if step >= SECOND else local % SECOND == 0
        yield Tick((utc - start) / span, label, strong and step < DAY)


def _moments(start: int, end: int, step: int, zone: tzinfo) -> Iterator[tuple[int, int]]:
    """Yield each time from `start` to `end` when the clocks of the zone show a multiple of a step.

    With it comes what they show, as microseconds since their own 1970.
    """
    origin = _MONDAY if step >= 7 * DAY else 0
    changes = [(at, offset * SECOND) for at, offset in transitions(zone, start, end)]
    clock = start + changes[0][1]
    for (at, offset), following in zip(changes, [*(at for at, _ in changes[1:]), end + 1]):
        unit = max(step, DAY)
        skipped = clock + (origin - clock) % unit
        if skipped < at + offset:  # where clocks go forward at midnight, the day begins then
            yield at, skipped
            clock = at + offset + 1
        else:  # where they go back to it, the day has begun
            clock = at + offset if step < DAY else max(clock, at + offset)
        for local in range(clock + (origin - clock) % step, following + offset, step):
            yield local - offset, local
        clock = following + offset


def _label(local: int, step: int) -> str:
    moment = in_zone(local * 1000, timezone.utc)
    if step >= DAY or local % DAY == 0:
        return f"{moment.day} {moment:%b}"
    if step >= MINUTE:
        return f"{moment:%H:%M}"
    if step >= SECOND or local % SECOND == 0:
        return f"{moment:%H:%M:%S}"
    return f".{moment.microsecond:06d}".rstrip("0")


def _months(start: int, span: int, ticks: int, zone: tzinfo) -> Sequence[Tick]:
    months = span / (30.4 * DAY)
    step = next(n for n in _MONTHS if months / n <= ticks)
    first = in_zone(start * 1000, zone)
    found = []
    for month in range(int(months) + 2):
        year, index = divmod(first.year * 12 + first.month - 1 + month, 12)
        if (year * 12 + index) % step or year > 9999:
            continue
        moment = first.replace(
            year=year, month=index + 1, day=1, hour=0, minute=0, second=0, microsecond=0, fold=0
        )
        at = (int(moment.timestamp()) * SECOND - start) / span
        if 0 <= at <= 1:
            label = f"{year}" if step >= 12 else f"{moment:%b} {year}"
            found.append(Tick(at, label, index == 0 and step < 12))
    return found
