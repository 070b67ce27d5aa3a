"""The charts over the period: volume, transit times, transfers in flight (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...report import axes
from ...report.axes import Axis
from ...report.charts import HEIGHT, Bar, Chart, Curve
from ...report.formats import Formats
from ...report.geometry import slots, stack, step_path
from ...report.percentiles import Percentiles, Step, Words, percentiles_axis, percentiles_chart
from ...report.time_axis import time_axis
from ..figures import Bucket, Figures, Timeline
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


_TRANSIT = Words(
    title="Transit time over time",
    what="transit time, by the start of transfers",
    counted="Ended",
    median="median",
    none="none ended",
    note="Of the transfers that started in each step",
)


def percentiles(figures: Figures, shown: Formats) -> Optional[Chart]:
    """Return the percentiles of transit times over the period; None if there are none."""
    timeline = figures.timeline
    steps = [_percentiles_step(timeline, bucket, shown) for bucket in timeline.buckets]
    known = [step.times for step in steps if step.times]
    if not known:
        return None
    axis = percentiles_axis(known, from_zero=False)
    return percentiles_chart(steps, _TRANSIT, _time(timeline, 9, shown), axis, shown)


def _percentiles_step(timeline: Timeline, bucket: Bucket, shown: Formats) -> Step:
    of = bucket.transit
    times = Percentiles(of.count, of.p50, of.p95, of.p99) if of else None
    period = _step_in_words(timeline, bucket, shown)
    return Step(bucket.start, period, times, _filter(timeline, bucket))


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
