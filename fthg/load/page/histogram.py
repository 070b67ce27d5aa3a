"""The histogram of response times (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from ...report.charts import Chart
from ...report.formats import Formats
from ...report.scale import Bin
from ...report.spread import Spread, Words, spread_chart
from ..stats.histogram import FINE, Histogram

_BINS = 30
_WORDS = Words("response time", "Response from", "Ok transfers by response time")


def histogram(times: Histogram, shown: Formats) -> Optional[Chart]:
    """Return the histogram of the response times of ok transfers; None if there are none."""
    if not times.count:
        return None
    least, median, p95, most = (
        value // 1000 for value in (times.min, *times.percentiles((50, 95)), times.max)
    )
    spread = Spread(times.count, least, median, p95, most)
    return spread_chart(list(bins_of(times)), spread, _WORDS, shown)


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
