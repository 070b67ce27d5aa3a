"""The chart of how durations are spread: a histogram with its median and 95th percentile (pure)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from . import axes
from .charts import Bar, Chart
from .formats import Formats
from .geometry import column, mark
from .scale import Bin, Scale


@dataclass(frozen=True)
class Spread:
    """The distribution of at least one duration, in microseconds."""

    count: int
    min: int
    p50: int
    p95: int
    max: int


class Words(NamedTuple):
    """Texts of a chart: the durations, a head and the note."""

    time: str  # one of them, as in "response time"
    head: str  # of the column where a bar begins
    note: str


def spread_chart(
    bins: Sequence[Bin],
    spread: Spread,
    words: Words,
    shown: Formats,
    filter_of: Callable[[Bin], str] = lambda _: "",
) -> Chart:
    """Return the histogram; `filter_of` returns what of the table a bar leads to."""
    scale = Scale(bins)
    axis = axes.count_axis(max(b.count for b in bins))
    return Chart(
        name="histogram",
        title=f"Spread of {words.time}s",
        description=f"Half of {shown.plural(spread.count, words.time)} took at most "
        f"{shown.duration(spread.p50)}, 95 of 100 at most {shown.duration(spread.p95)}.",
        x=scale.axis._replace(ticks=scale.ticks()),
        y=axis,
        head=[words.head, "to", "Transfers"],
        rows=[[shown.duration(b.low), shown.duration(b.high), b.count] for b in bins],
        bars=[
            Bar(
                *scale.span(b),
                f"{shown.duration(b.low)} – {shown.duration(b.high)}: "
                f"{shown.plural(b.count, 'transfer')}",
                column("tail" if b.tail else "bin", b.count, axis),
                filter_of(b),
            )
            for b in bins
        ],
        marks=[
            mark(scale.place(value), f"{label} {shown.duration(value)}")
            for label, value in (("median", spread.p50), ("p95", spread.p95))
        ],
        note=words.note + _tails_in_words(bins, spread, shown),
    )


def _tails_in_words(bins: Sequence[Bin], spread: Spread, shown: Formats) -> str:
    ends = {"shorter": f"down to {shown.duration(spread.min)}"}
    ends["longer"] = f"up to {shown.duration(spread.max)}"
    return "".join(
        f"; {shown.number(b.count)} {b.tail} ({ends[b.tail]})" for b in bins if b.tail and b.count
    )
