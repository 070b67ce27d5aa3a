"""The charts over the period: volume, transit times, transfers in flight (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...report import axes
from ...report.axes import Axis
from ...report.charts import HEIGHT, LINE, Bar, Chart, Curve, Cut
from ...report.formats import Formats
from ...report.geometry import line_path, lone_points, middle, slots, stack, step_path
from ...report.time_axis import time_axis
from ..figures import Bucket, Figures, Spread, Timeline
from ..outcomes import RESULTS
from .words import LABELS


def volume(figures: Figures, shown: Formats) -> Chart:
    """Return the number of transfers by start and result."""
    timeline = figures.timeline
    buckets = timeline.buckets
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
        x=_time(timeline, 9, shown),
        y=axis,
        head=[f"From ({shown.zone_label})", *(LABELS[kind] for kind in kinds), "All"],
        rows=[
            [
                shown.moment(bucket.start),
                *(getattr(bucket.counts, kind) for kind in kinds),
                bucket.counts.transfers,
            ]
            for bucket in buckets
        ],
        bars=[
            Bar(
                x,
                width,
                _counts_in_words(timeline, bucket, shown),
                stack(_by_kind(bucket, kinds), axis, _filter(timeline, bucket)),
                _filter(timeline, bucket),
            )
            for bucket, (x, width) in zip(buckets, slots(len(buckets)))
        ],
        legend=[(kind, LABELS[kind]) for kind in kinds],
        note=f"Transfers started in each step of {shown.duration(timeline.step)}",
    )


def _by_kind(bucket: Bucket, kinds: Sequence[str]) -> dict[str, int]:
    return {kind: getattr(bucket.counts, kind) for kind in kinds}


def _counts_in_words(timeline: Timeline, bucket: Bucket, shown: Formats) -> str:
    entries = [
        f"{shown.number(count)} {LABELS[kind].lower()}"
        for kind, count in _by_kind(bucket, RESULTS[::-1]).items()
        if count
    ]
    return f"{_step_in_words(timeline, bucket, shown)}: {', '.join(entries) or 'none'}"


_PERCENTILES = (("p99", "p99"), ("p95", "p95"), ("p50", "median"))


def percentiles(figures: Figures, shown: Formats) -> Optional[Chart]:
    """Return the percentiles of transit times over the period; None if there are none."""
    timeline = figures.timeline
    buckets = timeline.buckets
    spreads = [bucket.transit for bucket in buckets if bucket.transit]
    if not spreads:
        return None
    axis = _transit_axis(spreads)
    cuts = _cuts(buckets, axis)
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
        x=_time(timeline, 9, shown),
        y=axis,
        head=[f"From ({shown.zone_label})", "Ended", *(label for _, label in _PERCENTILES)],
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
            Bar(
                x,
                width,
                _transit_in_words(timeline, bucket, shown),
                filter=_filter(timeline, bucket),
            )
            for bucket, (x, width) in zip(buckets, slots(len(buckets), fill=1))
        ],
        curves=[
            Curve(key, label, line_path(of, axis), y, lone=lone_points(of, axis))
            for (key, label), of, y in zip(_PERCENTILES, values, places)
        ],
        note="Of the transfers that started in each step" + _cuts_in_words(spreads, cuts, shown),
        cuts=cuts,
    )


def _transit_axis(spreads: Sequence[Spread]) -> Axis:
    """Return an axis for the medians and most p99: a few far off would flatten all others."""
    typical = max(sorted(abs(spread.p50) for spread in spreads)[len(spreads) // 2], 1)
    high = axes.without_outliers([spread.p99 for spread in spreads], typical)
    low = -axes.without_outliers([-spread.p50 for spread in spreads], max(typical, high))
    return axes.duration_axis(low, high)


def _cuts(buckets: Sequence[Bucket], axis: Axis) -> Sequence[Cut]:
    found = []
    for index, bucket in enumerate(buckets):
        x = middle(index, len(buckets)) / 10
        if bucket.transit and bucket.transit.p99 > axis.high:
            found.append(Cut(x, 0, up=True))
        if bucket.transit and bucket.transit.p50 < axis.low:
            found.append(Cut(x, HEIGHT, up=False))
    return found


def _cuts_in_words(spreads: Sequence[Spread], cuts: Sequence[Cut], shown: Formats) -> str:
    above = sum(cut.up for cut in cuts)
    parts = []
    if above:
        most = shown.duration(max(spread.p99 for spread in spreads))
        parts.append(f"▲ {shown.plural(above, 'step')} beyond the scale, up to {most}")
    if below := len(cuts) - above:
        least = shown.duration(min(spread.p50 for spread in spreads))
        parts.append(f"▼ {shown.plural(below, 'step')} below the scale, down to {least}")
    return "".join(f"; {part}" for part in parts)


def _transit_in_words(timeline: Timeline, bucket: Bucket, shown: Formats) -> str:
    text = "none ended"
    if bucket.transit:
        text = ", ".join(
            f"{label} {shown.duration(getattr(bucket.transit, key))}"
            for key, label in reversed(_PERCENTILES)
        )
    return f"{_step_in_words(timeline, bucket, shown)}: {text}"


def in_flight(figures: Figures, shown: Formats) -> Chart:
    """Return the most transfers in flight at once within each step."""
    timeline = figures.timeline
    buckets = timeline.buckets
    top = max(bucket.in_flight for bucket in buckets)
    axis = axes.count_axis(top)
    path = step_path([bucket.in_flight for bucket in buckets], axis)
    return Chart(
        name="in-flight",
        title="In flight",
        description="The most transfers at once between their start at ingress and their end at "
        f"egress, in each step; at most {shown.number(top)}.",
        x=_time(timeline, 6, shown),
        y=axis,
        head=[f"From ({shown.zone_label})", "In flight"],
        rows=[[shown.moment(b.start), b.in_flight] for b in buckets],
        bars=[
            Bar(
                x,
                width,
                f"{_step_in_words(timeline, b, shown)}: "
                f"at most {shown.number(b.in_flight)} in flight",
            )
            for b, (x, width) in zip(buckets, slots(len(buckets), fill=1))
        ],
        curves=[Curve("flight", "", path, 0, f"{path} V{HEIGHT} H0 Z")],
        note="The most transfers at once in each step",
    )


def _step_in_words(timeline: Timeline, bucket: Bucket, shown: Formats) -> str:
    end = bucket.start + timeline.step
    return f"{shown.moment(bucket.start)} – {shown.period_end(bucket.start, end)}"


def _filter(timeline: Timeline, bucket: Bucket) -> str:
    return f"from={bucket.start}&to={bucket.start + timeline.step}"


def _time(timeline: Timeline, ticks: int, shown: Formats) -> Axis:
    start = timeline.buckets[0].start
    return time_axis(start, start + timeline.step * len(timeline.buckets), ticks, shown.zone)
