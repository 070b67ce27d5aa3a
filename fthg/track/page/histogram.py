"""The histogram of transit times (pure)."""

from __future__ import annotations

from typing import Optional

from ...report.charts import Chart
from ...report.formats import Formats
from ...report.scale import Bin
from ...report.spread import Spread, Words, spread_chart
from ..figures import Figures

_WORDS = Words("transit time", "Transit from", "Transfers by transit time")


def histogram(figures: Figures, shown: Formats) -> Optional[Chart]:
    """Return the histogram of transit times; None if there are none."""
    bins, times = figures.histogram, figures.transit
    if not bins or not times:
        return None
    spread = Spread(times.count, times.min, times.p50, times.p95, times.max)
    return spread_chart(bins, spread, _WORDS, shown, _filter)


def _filter(b: Bin) -> str:
    return f"least={b.low}&most={b.high - 1}"
