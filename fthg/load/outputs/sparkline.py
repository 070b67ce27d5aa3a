"""Counts as a line of blocks on the terminal (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ..stats.histogram import Histogram

_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(counts: Sequence[int], cells: int = 32) -> str:
    """Return at most so many blocks, as high as the counts; a space where there is nothing."""
    together = -(-len(counts) // cells) or 1
    sums = [sum(counts[start : start + together]) for start in range(0, len(counts), together)]
    most = max(sums, default=0)
    return "".join(_BLOCKS[-(-count * 8 // most) - 1] if count else " " for count in sums)


def distribution(times: Histogram, percent: int = 99, cells: int = 32) -> Optional[Sequence[int]]:
    """Return the counts from the minimum to a percentile in bins of equal width.

    None if too few values, or values that are too much alike, have no shape.
    """
    low, high = times.min, times.percentile(percent)
    if times.count < cells or high <= low:
        return None
    counts = [0] * cells
    for value, count in times.buckets():
        if value <= high:
            counts[min(max(0, value - low) * cells // (high - low), cells - 1)] += count
    return counts
