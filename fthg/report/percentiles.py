"""The chart of median, 95th and 99th percentile of durations over time (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional

from . import axes
from .axes import Axis
from .charts import HEIGHT, LINE, Band, Bar, Cell, Chart, Curve, Cut
from .formats import Formats
from .geometry import line_path, lone_points, middle, slots

_LABELS = {"p99": "p99", "p95": "p95", "p50": "median"}


@dataclass(frozen=True)
class Percentiles:
    """The distribution of some durations, in microseconds."""

    count: int
    p50: int
    p95: int
    p99: int


class Step(NamedTuple):
    """One step of the chart."""

    start: int  # microseconds since 1970
    period: str  # for people
    times: Optional[Percentiles]  # None: there were none in it
    filter: str = ""  # as of a bar


class Words(NamedTuple):
    """Texts of a chart: its title, heads and note."""

    title: str
    what: str  # of which these are the percentiles, for the description
    counted: str  # the head of the column of numbers
    median: str  # that of the medians
    none: str  # of a step without any
    note: str


def percentiles_axis(times: Sequence[Percentiles], *, from_zero: bool) -> Axis:
    """Return an axis for the medians and most p99: a few far off would flatten all others."""
    typical = max(sorted(abs(one.p50) for one in times)[len(times) // 2], 1)
    high = axes.without_outliers([one.p99 for one in times], typical)
    if from_zero:
        return axes.duration_axis(0, high)
    low = -axes.without_outliers([-one.p50 for one in times], max(typical, high))
    return axes.duration_axis(low, high)


def percentiles_chart(
    steps: Sequence[Step],
    words: Words,
    x: Axis,
    y: Axis,
    shown: Formats,
    bands: Sequence[Band] = (),
) -> Chart:
    """Return the chart of steps of which at least one has times."""
    known = [step.times for step in steps if step.times]
    cuts = _cuts(steps, y)
    return Chart(
        name="percentiles",
        title=words.title,
        description=f"Median, 95th and 99th percentile of {words.what}; the median was between "
        f"{shown.duration(min(one.p50 for one in known))} and "
        f"{shown.duration(max(one.p50 for one in known))}.",
        x=x,
        y=y,
        head=[f"From ({shown.zone_label})", words.counted, "p99", "p95", words.median],
        rows=[[shown.moment(step.start), *_cells(step.times, shown)] for step in steps],
        bars=[
            Bar(x, width, f"{step.period}: {_in_words(step.times, words, shown)}", (), step.filter)
            for step, (x, width) in zip(steps, slots(len(steps), fill=1))
        ],
        curves=_curves(steps, known[-1], y),
        note=words.note + _cuts_in_words(known, cuts, shown),
        cuts=cuts,
        bands=bands,
    )


def _value(times: Optional[Percentiles], key: str) -> Optional[int]:
    value: Optional[int] = None if times is None else getattr(times, key)
    return value


def _cells(times: Optional[Percentiles], shown: Formats) -> Sequence[Cell]:
    durations = (shown.duration(_value(times, key)) for key in _LABELS)
    return [times.count if times else 0, *durations]


def _curves(steps: Sequence[Step], last: Percentiles, y: Axis) -> Sequence[Curve]:
    heights = [HEIGHT * (1 - y.place(getattr(last, key))) for key in _LABELS]
    places = axes.apart(heights, LINE, 0, HEIGHT)
    found = []
    for (key, label), place in zip(_LABELS.items(), places):
        values = [_value(step.times, key) for step in steps]
        path, lone = line_path(values, y), lone_points(values, y)
        found.append(Curve(key, label, path, place, lone=lone))
    return found


def _cuts(steps: Sequence[Step], y: Axis) -> Sequence[Cut]:
    found = []
    for index, step in enumerate(steps):
        x = middle(index, len(steps)) / 10
        if step.times and step.times.p99 > y.high:
            found.append(Cut(x, 0, up=True))
        if step.times and step.times.p50 < y.low:
            found.append(Cut(x, HEIGHT, up=False))
    return found


def _cuts_in_words(known: Sequence[Percentiles], cuts: Sequence[Cut], shown: Formats) -> str:
    above = sum(cut.up for cut in cuts)
    parts = []
    if above:
        most = shown.duration(max(one.p99 for one in known))
        parts.append(f"▲ {shown.plural(above, 'step')} beyond the scale, up to {most}")
    if below := len(cuts) - above:
        least = shown.duration(min(one.p50 for one in known))
        parts.append(f"▼ {shown.plural(below, 'step')} below the scale, down to {least}")
    return "".join(f"; {part}" for part in parts)


def _in_words(times: Optional[Percentiles], words: Words, shown: Formats) -> str:
    if times is None:
        return words.none
    entries = reversed(_LABELS.items())
    return ", ".join(f"{label} {shown.duration(getattr(times, key))}" for key, label in entries)
