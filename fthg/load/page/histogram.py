"""The histogram of response times (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from ...report import axes
from ...report.charts import Bar, Chart
from ...report.formats import Formats
from ...report.geometry import column, mark
from ...report.scale import Bin, Scale
from ..stats.histogram import FINE, Histogram

_BINS = 30


def histogram(times: Histogram, shown: Formats) -> Optional[Chart]:
    """Return the histogram of the response times of ok transfers; None if there are none."""
    if not times.count:
        return None
    bins = list(bins_of(times))
    median, p95 = (value // 1000 for value in times.percentiles((50, 95)))
    scale = Scale(bins)
    axis = axes.count_axis(max(one.count for one in bins))
    return Chart(
        name="histogram",
        title="Spread of response times",
        description=f"Half of {shown.plural(times.count, 'response time')} took at most "
        f"{shown.duration(median)}, 95 of 100 at most {shown.duration(p95)}.",
        x=scale.axis._replace(ticks=scale.ticks()),
        y=axis,
        head=["Response from", "to", "Transfers"],
        rows=[[shown.duration(one.low), shown.duration(one.high), one.count] for one in bins],
        bars=[
            Bar(
                *scale.span(one),
                f"{shown.duration(one.low)} – {shown.duration(one.high)}: "
                f"{shown.plural(one.count, 'transfer')}",
                column("tail" if one.tail else "bin", one.count, axis),
            )
            for one in bins
        ],
        marks=[
            mark(scale.place(value), f"{label} {shown.duration(value)}")
            for label, value in (("median", median), ("p95", p95))
        ],
        note="Ok transfers by response time" + _tails_in_words(bins, times, shown),
    )


def bins_of(times: Histogram) -> Iterator[Bin]:
    """Yield bins of equal width for the bulk of the times, and one for all beyond at each end.

    Times are in microseconds. No bin is narrower than a bucket of the histogram, of which some
    would else stay empty.
    """
    buckets = [(value // 1000, count) for value, count in times.buckets()]
    low, median, high = (value // 1000 for value in times.percentiles((5, 50, 95)))
    low, high = max(2 * low - high, times.min // 1000), min(2 * high - low, times.max // 1000)
    width = _width(max((high - low) / _BINS, max(high, median) / 2**FINE, 1))
    low = low // width * width
    end = low + ((high - low) // width + 1) * width
    shorter = sum(count for value, count in buckets if value < low)
    longer = sum(count for value, count in buckets if value >= end)
    if shorter:
        yield Bin(times.min // 1000, low, shorter, "shorter")
    counts = dict.fromkeys(range(low, end, width), 0)
    for value, count in buckets:
        if low <= value < end:
            counts[value // width * width] += count
    for start, count in counts.items():
        yield Bin(start, start + width, count)
    if longer:
        yield Bin(end, times.max // 1000 + 1, longer, "longer")


def _width(least: float) -> int:
    """Return the smallest of 1, 2, 5, 10, … that is not below."""
    widths: Iterator[int] = (f * 10**p for p in range(19) for f in (1, 2, 5))
    return next(width for width in widths if width >= least)


def _tails_in_words(bins: Sequence[Bin], times: Histogram, shown: Formats) -> str:
    ends = {"shorter": f"down to {shown.duration(times.min // 1000)}"}
    ends["longer"] = f"up to {shown.duration(times.max // 1000)}"
    return "".join(
        f"; {shown.number(one.count)} {one.tail} ({ends[one.tail]})" for one in bins if one.tail
    )
