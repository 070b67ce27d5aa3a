"""Figures → the geometry of five charts (pure): x in percent of the width, y in pixels from the top.

The template draws them. Widths are relative so that text keeps its size on every screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional, Union

from fthg.track.figures import RESULTS, Bin, Bucket, Figures, Spread, Stages, Timeline
from fthg.track.page import axes, shown
from fthg.track.page.axes import Axis
from fthg.track.page.words import LABELS

HEIGHT = 200
WIDTH = 1000  # units across, of the paths that are stretched to the full width
LEAST = 2  # pixels: a single failure among thousands is still seen
LINE = 15  # pixels between two labels at the end of lines

Cell = Union[str, int]


class Part(NamedTuple):
    """One piece of a bar, in the colour of `kind`."""

    kind: str
    y: float
    height: float


class Bar(NamedTuple):
    """One place on the x axis: its pieces, and the words for the pointer."""

    x: float
    width: float
    title: str
    parts: Sequence[Part] = ()


class Line(NamedTuple):
    """A path in a box of WIDTH × HEIGHT, and the label at its end."""

    kind: str
    label: str
    path: str
    label_y: float
    area: str = ""


class Mark(NamedTuple):
    """An upright line with a label."""

    x: float
    label: str


@dataclass(frozen=True)
class Chart:
    """All that the template needs to draw one chart, and to tell it in words and as a table."""

    name: str
    title: str
    says: str  # the description, one sentence
    x: Axis
    y: Axis
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    bars: Sequence[Bar] = ()
    lines: Sequence[Line] = ()
    marks: Sequence[Mark] = ()
    legend: Sequence[tuple[str, str]] = ()  # kind, label
    note: str = ""


class Stage(NamedTuple):
    """One bar of the stage split: where it begins and ends, in percent of the width."""

    kind: str
    label: str
    x: float
    width: float
    spread: Spread
    share: str


@dataclass(frozen=True)
class StageSplit:
    """How an average transfer divides into stages."""

    stages: Sequence[Stage]
    x: Axis
    says: str


def volume(figures: Figures) -> Chart:
    """How many transfers started when, by what became of them."""
    buckets = figures.timeline.buckets
    top = max((bucket.counts.transfers for bucket in buckets), default=0)
    axis = axes.count_axis(top)
    kinds = [kind for kind in reversed(RESULTS) if getattr(figures.counts, kind)]
    peak = max(buckets, key=lambda bucket: bucket.counts.transfers)
    return Chart(
        name="volume",
        title="Volume over time",
        says=f"{shown.plural(figures.counts.transfers, 'transfer')} by the time they started and "
        f"what became of them; most, {shown.number(top)}, in the step from "
        f"{shown.moment(peak.start)}.",
        x=_time(figures.timeline, 9),
        y=axis,
        head=["From (UTC)", *(LABELS[kind] for kind in kinds), "All"],
        rows=[
            [
                shown.moment(bucket.start),
                *(getattr(bucket.counts, kind) for kind in kinds),
                bucket.counts.transfers,
            ]
            for bucket in buckets
        ],
        bars=[
            Bar(x, width, _counts_in_words(figures.timeline, bucket), _stack(bucket, kinds, axis))
            for bucket, (x, width) in zip(buckets, _slots(len(buckets)))
        ],
        legend=[(kind, LABELS[kind]) for kind in kinds],
        note=f"Transfers started in each step of {shown.duration(figures.timeline.step)}",
    )


def _stack(bucket: Bucket, kinds: Sequence[str], axis: Axis) -> Sequence[Part]:
    """From the bottom up, what passed first; what did not is never too thin to be seen."""
    parts, y = [], float(HEIGHT)
    for kind in kinds:
        if count := getattr(bucket.counts, kind):
            height = max(axis.place(count) * HEIGHT, LEAST)
            y -= height
            parts.append(Part(kind, round(y, 2), round(height, 2)))
    return parts


def _counts_in_words(timeline: Timeline, bucket: Bucket) -> str:
    told = [
        f"{shown.number(count)} {LABELS[kind].lower()}"
        for kind in reversed(RESULTS)
        if (count := getattr(bucket.counts, kind))
    ]
    return f"{_step_in_words(timeline, bucket)}: {', '.join(told) or 'none'}"


def _step_in_words(timeline: Timeline, bucket: Bucket) -> str:
    end = bucket.start + timeline.step
    return f"{shown.moment(bucket.start)} – {shown.period_end(bucket.start, end)}"


_PERCENTILES = (("p99", "p99"), ("p95", "p95"), ("p50", "median"))


def percentiles(figures: Figures) -> Optional[Chart]:
    """How transit times changed over the period."""
    buckets = figures.timeline.buckets
    spreads = [bucket.transit for bucket in buckets if bucket.transit]
    if not spreads:
        return None
    axis = axes.duration_axis(min(s.p50 for s in spreads), max(s.p99 for s in spreads))
    paths = [
        _path([s and getattr(s, key) for s in (b.transit for b in buckets)], axis)
        for key, _ in _PERCENTILES
    ]
    last = [HEIGHT * (1 - axis.place(getattr(spreads[-1], key))) for key, _ in _PERCENTILES]
    places = axes.apart(last, LINE, 0, HEIGHT)
    return Chart(
        name="percentiles",
        title="Transit time over time",
        says="Median, 95th and 99th percentile of transit time, by the time transfers started; "
        f"the median was between {shown.duration(min(s.p50 for s in spreads))} and "
        f"{shown.duration(max(s.p50 for s in spreads))}.",
        x=_time(figures.timeline, 6),
        y=axis,
        head=["From (UTC)", "Ended", *(label for _, label in _PERCENTILES)],
        rows=[
            [
                shown.moment(bucket.start),
                bucket.transit.count if bucket.transit else 0,
                *(
                    shown.duration(bucket.transit and getattr(bucket.transit, key))
                    for key, _ in _PERCENTILES
                ),
            ]
            for bucket in buckets
        ],
        bars=[
            Bar(x, width, _transit_in_words(figures.timeline, bucket))
            for bucket, (x, width) in zip(buckets, _slots(len(buckets), fill=1))
        ],
        lines=[
            Line(key, label, path, y) for (key, label), path, y in zip(_PERCENTILES, paths, places)
        ],
        note="Of the transfers that started in each step",
    )


def _transit_in_words(timeline: Timeline, bucket: Bucket) -> str:
    told = "none ended"
    if bucket.transit:
        told = ", ".join(
            f"{label} {shown.duration(getattr(bucket.transit, key))}"
            for key, label in reversed(_PERCENTILES)
        )
    return f"{_step_in_words(timeline, bucket)}: {told}"


def histogram(figures: Figures) -> Optional[Chart]:
    """How transit times spread."""
    bins, spread = figures.histogram, figures.transit
    if not bins or not spread:
        return None
    axis = axes.count_axis(max(b.count for b in bins))
    linear = bins[:-1] or bins  # the last takes all the longest, it is not on the scale
    scale = axes.inner_ticks(linear[0].low, linear[-1].high)
    share = len(linear) / len(bins)
    ticks = [tick._replace(at=tick.at * share) for tick in scale.ticks]
    if len(bins) > 1:
        ticks = [tick for tick in ticks if tick.at < share - 0.08]
        ticks.append(axes.Tick((len(linear) + 0.5) / len(bins), "longer", strong=True))
    return Chart(
        name="histogram",
        title="Spread of transit times",
        says=f"Half of {shown.plural(spread.count, 'transit time')} took at most "
        f"{shown.duration(spread.p50)}, 95 of 100 at most {shown.duration(spread.p95)}.",
        x=Axis(scale.low, scale.high, ticks),
        y=axis,
        head=["Transit from", "to", "Transfers"],
        rows=[[shown.duration(b.low), shown.duration(b.high), b.count] for b in bins],
        bars=[
            Bar(x, width, _bin_in_words(b), _column(b, axis, last=b is bins[-1] and len(bins) > 1))
            for b, (x, width) in zip(bins, _slots(len(bins), fill=0.9))
        ],
        marks=[
            Mark(round(scale.place(value) * share * 100, 2), f"{label} {shown.duration(value)}")
            for label, value in (("median", spread.p50), ("p95", spread.p95))
            if scale.low <= value <= scale.high
        ],
        note="Transfers by transit time; the last bar takes all that were longer",
    )


def _column(b: Bin, axis: Axis, last: bool) -> Sequence[Part]:
    if not b.count:
        return ()
    height = max(axis.place(b.count) * HEIGHT, LEAST)
    return [Part("longer" if last else "bin", round(HEIGHT - height, 2), round(height, 2))]


def _bin_in_words(b: Bin) -> str:
    return (
        f"{shown.duration(b.low)} – {shown.duration(b.high)}: {shown.plural(b.count, 'transfer')}"
    )


def in_flight(figures: Figures) -> Chart:
    """How many transfers were under way at once."""
    buckets = figures.timeline.buckets
    top = max(bucket.in_flight for bucket in buckets)
    axis = axes.count_axis(top)
    path = _path([bucket.in_flight for bucket in buckets], axis)
    last = HEIGHT * (1 - axis.place(buckets[-1].in_flight))
    left, right = _middle(0, len(buckets)), _middle(len(buckets) - 1, len(buckets))
    return Chart(
        name="in-flight",
        title="In flight",
        says="Transfers between their start at ingress and their end at egress, at the end of "
        f"each step; at most {shown.number(top)} at once.",
        x=_time(figures.timeline, 6),
        y=axis,
        head=["At (UTC)", "In flight"],
        rows=[[shown.moment(b.start + figures.timeline.step), b.in_flight] for b in buckets],
        bars=[
            Bar(
                x,
                width,
                f"{shown.moment(b.start + figures.timeline.step)}: "
                f"{shown.number(b.in_flight)} in flight",
            )
            for b, (x, width) in zip(buckets, _slots(len(buckets), fill=1))
        ],
        lines=[Line("flight", "", path, last, f"{path} L{right:g},{HEIGHT} L{left:g},{HEIGHT} Z")],
        note="Started at ingress, not yet ended at egress, at the end of each step",
    )


def stage_split(stages: Stages) -> Optional[StageSplit]:
    """How an average transfer divides into ingress, hand-over and egress."""
    known = [
        (kind, label, spread)
        for kind, label, spread in (
            ("ingress", "Ingress", stages.ingress),
            ("hand-over", "Hand-over", stages.hand_over),
            ("egress", "Egress", stages.egress),
        )
        if spread
    ]
    if not known:
        return None
    spans, at = [], 0
    for _, _, spread in known:
        # A hand-over below zero, where egress starts before ingress ends, goes back.
        spans.append((min(at, at + spread.mean), abs(spread.mean)))
        at += spread.mean
    low, high = min(start for start, _ in spans), max(start + width for start, width in spans)
    axis = axes.inner_ticks(low, high)
    whole = sum(width for _, width in spans) or 1
    parts = [
        Stage(
            kind,
            label,
            round(axis.place(start) * 100, 3),
            round(width / (axis.high - axis.low) * 100, 3),
            spread,
            f"{100 * width // whole}%",
        )
        for (kind, label, spread), (start, width) in zip(known, spans)
    ]
    told = ", ".join(f"{part.label.lower()} {shown.duration(part.spread.mean)}" for part in parts)
    return StageSplit(parts, axis, f"Average time of each stage: {told}.")


def _time(timeline: Timeline, ticks: int) -> Axis:
    start = timeline.buckets[0].start
    return axes.time_axis(start, start + timeline.step * len(timeline.buckets), ticks)


def _slots(count: int, fill: float = 0.84) -> Sequence[tuple[float, float]]:
    slot = 100 / count
    return [
        (round(slot * (index + (1 - fill) / 2), 3), round(slot * fill, 3)) for index in range(count)
    ]


def _middle(index: int, count: int) -> float:
    return round((index + 0.5) * WIDTH / count, 1)


def _path(values: Sequence[Optional[int]], axis: Axis) -> str:
    """A line through the middle of each step, broken where there is no value."""
    path, pen = [], "M"
    for index, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        y = round(HEIGHT * (1 - axis.place(value)), 1)
        path.append(f"{pen}{_middle(index, len(values)):g},{y:g}")
        if pen == "M":
            path.append("h0")  # round ends make a dot of it where it stands alone
        pen = "L"
    return " ".join(path)
