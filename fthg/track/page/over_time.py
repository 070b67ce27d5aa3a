"""The charts over the period: volume, transit times, transfers in flight (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...report import axes, shown
from ...report.axes import Axis
from ...report.charts import (
    HEIGHT,
    LEAST,
    LINE,
    Bar,
    Chart,
    Curve,
    Part,
    line_path,
    lone_points,
    middle,
    slots,
)
from ..figures import Bucket, Figures, Timeline
from ..outcomes import RESULTS
from .words import LABELS


def volume(figures: Figures) -> Chart:
    """Return the number of transfers by start and result."""
    buckets = figures.timeline.buckets
    top = max((bucket.counts.transfers for bucket in buckets), default=0)
    axis = axes.count_axis(top)
    kinds = [kind for kind in reversed(RESULTS) if getattr(figures.counts, kind)]
    peak = max(buckets, key=lambda bucket: bucket.counts.transfers)
    return Chart(
        name="volume",
        title="Volume over time",
        description=f"{shown.plural(figures.counts.transfers, 'transfer')} by start and result; "
        f"the most, {shown.number(top)}, in the step from "
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
            for bucket, (x, width) in zip(buckets, slots(len(buckets)))
        ],
        legend=[(kind, LABELS[kind]) for kind in kinds],
        note=f"Transfers started in each step of {shown.duration(figures.timeline.step)}",
    )


def _stack(bucket: Bucket, kinds: Sequence[str], axis: Axis) -> Sequence[Part]:
    """Stack the results from the bottom up, passed first; no part is too thin to be visible."""
    parts, y = [], float(HEIGHT)
    for kind in kinds:
        if count := getattr(bucket.counts, kind):
            height = max(axis.place(count) * HEIGHT, LEAST)
            y -= height
            parts.append(Part(kind, round(y, 2), round(height, 2)))
    return parts


def _counts_in_words(timeline: Timeline, bucket: Bucket) -> str:
    entries = [
        f"{shown.number(count)} {LABELS[kind].lower()}"
        for kind in reversed(RESULTS)
        if (count := getattr(bucket.counts, kind))
    ]
    return f"{_step_in_words(timeline, bucket)}: {', '.join(entries) or 'none'}"


_PERCENTILES = (("p99", "p99"), ("p95", "p95"), ("p50", "median"))


def percentiles(figures: Figures) -> Optional[Chart]:
    """Return the percentiles of transit times over the period; None if there are none."""
    buckets = figures.timeline.buckets
    spreads = [bucket.transit for bucket in buckets if bucket.transit]
    if not spreads:
        return None
    axis = axes.duration_axis(min(s.p50 for s in spreads), max(s.p99 for s in spreads))
    values = [
        [getattr(b.transit, key) if b.transit else None for b in buckets] for key, _ in _PERCENTILES
    ]
    last = [HEIGHT * (1 - axis.place(getattr(spreads[-1], key))) for key, _ in _PERCENTILES]
    places = axes.apart(last, LINE, 0, HEIGHT)
    return Chart(
        name="percentiles",
        title="Transit time over time",
        description="Median, 95th and 99th percentile of transit time, by the start of transfers; "
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
                    shown.duration(getattr(bucket.transit, key) if bucket.transit else None)
                    for key, _ in _PERCENTILES
                ),
            ]
            for bucket in buckets
        ],
        bars=[
            Bar(x, width, _transit_in_words(figures.timeline, bucket))
            for bucket, (x, width) in zip(buckets, slots(len(buckets), fill=1))
        ],
        curves=[
            Curve(key, label, line_path(of, axis), y, lone=lone_points(of, axis))
            for (key, label), of, y in zip(_PERCENTILES, values, places)
        ],
        note="Of the transfers that started in each step",
    )


def _transit_in_words(timeline: Timeline, bucket: Bucket) -> str:
    text = "none ended"
    if bucket.transit:
        text = ", ".join(
            f"{label} {shown.duration(getattr(bucket.transit, key))}"
            for key, label in reversed(_PERCENTILES)
        )
    return f"{_step_in_words(timeline, bucket)}: {text}"


def in_flight(figures: Figures) -> Chart:
    """Return the number of transfers in flight at the end of each step."""
    buckets = figures.timeline.buckets
    top = max(bucket.in_flight for bucket in buckets)
    axis = axes.count_axis(top)
    values = [bucket.in_flight for bucket in buckets]
    path, lone = line_path(values, axis), lone_points(values, axis)
    last = HEIGHT * (1 - axis.place(buckets[-1].in_flight))
    left, right = middle(0, len(buckets)), middle(len(buckets) - 1, len(buckets))
    area = f"{path} L{right:g},{HEIGHT} L{left:g},{HEIGHT} Z"
    return Chart(
        name="in-flight",
        title="In flight",
        description="Transfers between their start at ingress and their end at egress, at the "
        f"end of each step; at most {shown.number(top)} at once.",
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
            for b, (x, width) in zip(buckets, slots(len(buckets), fill=1))
        ],
        curves=[Curve("flight", "", path, last, area, lone)],
        note="Started at ingress, not yet ended at egress, at the end of each step",
    )


def _step_in_words(timeline: Timeline, bucket: Bucket) -> str:
    end = bucket.start + timeline.step
    return f"{shown.moment(bucket.start)} – {shown.period_end(bucket.start, end)}"


def _time(timeline: Timeline, ticks: int) -> Axis:
    start = timeline.buckets[0].start
    return axes.time_axis(start, start + timeline.step * len(timeline.buckets), ticks)
