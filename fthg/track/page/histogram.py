"""The histogram of transit times (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...report import axes
from ...report.charts import Bar, Chart, Mark
from ...report.formats import Formats
from ...report.geometry import column, mark
from ...report.scale import Bin, Scale
from ..figures import Figures, Spread


def histogram(figures: Figures, shown: Formats) -> Optional[Chart]:
    """Return the histogram of transit times; None if there are none."""
    bins, spread = figures.histogram, figures.transit
    if not bins or not spread:
        return None
    scale = Scale(bins)
    axis = axes.count_axis(max(b.count for b in bins))
    return Chart(
        name="histogram",
        title="Spread of transit times",
        description=f"Half of {shown.plural(spread.count, 'transit time')} took at most "
        f"{shown.duration(spread.p50)}, 95 of 100 at most {shown.duration(spread.p95)}.",
        x=scale.axis._replace(ticks=scale.ticks()),
        y=axis,
        head=["Transit from", "to", "Transfers"],
        rows=[[shown.duration(b.low), shown.duration(b.high), b.count] for b in bins],
        bars=[
            Bar(
                *scale.span(b),
                _bin_in_words(b, shown),
                column("tail" if b.tail else "bin", b.count, axis),
                f"least={b.low}&most={b.high - 1}",
            )
            for b in bins
        ],
        marks=_marks(scale, spread, shown),
        note="Transfers by transit time" + _tails_in_words(bins, spread, shown),
    )


def _marks(scale: Scale, spread: Spread, shown: Formats) -> Sequence[Mark]:
    return [
        mark(scale.place(value), f"{label} {shown.duration(value)}")
        for label, value in (("median", spread.p50), ("p95", spread.p95))
    ]


def _tails_in_words(bins: Sequence[Bin], spread: Spread, shown: Formats) -> str:
    ends = {"shorter": f"down to {shown.duration(spread.min)}"}
    ends["longer"] = f"up to {shown.duration(spread.max)}"
    return "".join(
        f"; {shown.number(b.count)} {b.tail} ({ends[b.tail]})" for b in bins if b.tail and b.count
    )


def _bin_in_words(b: Bin, shown: Formats) -> str:
    return (
        f"{shown.duration(b.low)} – {shown.duration(b.high)}: {shown.plural(b.count, 'transfer')}"
    )
