"""The histogram of transit times (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...report import axes, shown
from ...report.axes import Axis
from ...report.charts import HEIGHT, LEAST, Bar, Chart, Mark, Part, slots
from ..figures import Bin, Figures


def histogram(figures: Figures) -> Optional[Chart]:
    """Return the histogram of transit times; None if there are none."""
    bins, spread = figures.histogram, figures.transit
    if not bins or not spread:
        return None
    axis = axes.count_axis(max(b.count for b in bins))
    linear = bins[:-1] or bins  # the last holds all longer ones, it is not on the scale
    scale = axes.inner_ticks(linear[0].low, linear[-1].high)
    share = len(linear) / len(bins)
    ticks = [tick._replace(at=tick.at * share) for tick in scale.ticks]
    if len(bins) > 1:
        ticks = [tick for tick in ticks if tick.at < share - 0.08]
        ticks.append(axes.Tick((len(linear) + 0.5) / len(bins), "longer", strong=True))
    return Chart(
        name="histogram",
        title="Spread of transit times",
        description=f"Half of {shown.plural(spread.count, 'transit time')} took at most "
        f"{shown.duration(spread.p50)}, 95 of 100 at most {shown.duration(spread.p95)}.",
        x=Axis(scale.low, scale.high, ticks),
        y=axis,
        head=["Transit from", "to", "Transfers"],
        rows=[[shown.duration(b.low), shown.duration(b.high), b.count] for b in bins],
        bars=[
            Bar(x, width, _bin_in_words(b), _column(b, axis, last=b is bins[-1] and len(bins) > 1))
            for b, (x, width) in zip(bins, slots(len(bins), fill=0.9))
        ],
        marks=[
            Mark(round(scale.place(value) * share * 100, 2), f"{label} {shown.duration(value)}")
            for label, value in (("median", spread.p50), ("p95", spread.p95))
            if scale.low <= value <= scale.high
        ],
        note="Transfers by transit time; the last bar holds all longer ones",
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
