"""The times of transfers in the summary on the terminal, and their distribution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from ... import units
from ...clock import SECOND
from ...transfer import PHASES
from ...writing.rows import LABEL, WIDTH, leader, row
from ..stats.histogram import Histogram
from ..stats.metrics import TIMES, Metrics
from .job_text import narrow_duration, show_count
from .sparkline import distribution, sparkline

_STATS = ("avg", "min", "med", "max", "p90", "p95", "p99")
_IMPORTANCE = ("p95", "max", "med", "avg", "p99", "min", "p90")
"""On a narrow terminal only the first ones of these are shown."""

_WIDE, _NARROW = 32, 14
"""Bins of the distribution."""

_COUNT, _STAT = 9, 7
"""Widths of the columns."""


def time_rows(metrics: Metrics, width: int, *, phases: bool) -> Iterator[Text]:
    """Yield the times of transfers, of their phases too if these are wanted."""
    if not metrics.lateness.count:
        return
    table = _Table(width)
    yield Text()
    yield table.heads()
    for name in TIMES:
        yield table.time(name, getattr(metrics, name))
    if phases:
        yield from table.phases(metrics.phases)
    yield from _distribution(metrics.response_time, width)
    if metrics.service_time_failed.count:
        yield Text("    of failed transfers", "dim")
        yield table.time("service_time", metrics.service_time_failed)
        yield table.time("response_time", metrics.response_time_failed)
        if phases:
            yield from table.phases(metrics.phases_failed)


def _distribution(times: Histogram, width: int) -> Iterator[Text]:
    counts = distribution(times, cells=_WIDE if width >= WIDTH else _NARROW)
    if counts is not None:
        low, high = (units.show_duration(end / SECOND) for end in (times.min, times.percentile(99)))
        yield row("distribution", sparkline(counts), f"{low} to {high} (p99)")


class _Table:
    """A table of times, with as many columns as fit the width."""

    def __init__(self, width: int) -> None:
        room = max(1, (width - 4 - LABEL - _COUNT) // _STAT)
        self._stats = [stat for stat in _STATS if stat in _IMPORTANCE[:room]]

    def heads(self) -> Text:
        """Return the line of the heads."""
        heads = f"{'n':>{_COUNT}}" + "".join(f"{stat:>{_STAT}}" for stat in self._stats)
        return Text(" " * (4 + LABEL) + heads, "dim")

    def phases(self, phases: Mapping[str, Histogram]) -> Iterator[Text]:
        """Yield a line for each phase."""
        for phase in PHASES:
            if phase in phases:
                yield self.time(phase, phases[phase], indent=2)

    def time(self, name: str, times: Histogram, indent: int = 0) -> Text:
        """Return the line of one time."""
        line = leader(" " * indent + name).append(f"{show_count(times.count):>{_COUNT}}", "cyan")
        found = _found(times)
        for stat in self._stats:
            shown = narrow_duration(found[stat] / SECOND) if found else "–"
            line.append(f"{shown:>{_STAT}}", "cyan")
        return line


def _found(times: Histogram) -> Mapping[str, float]:
    """Return each statistic in nanoseconds; nothing if there are no values."""
    if not times.count:
        return {}
    median, *high = times.percentiles((50, 90, 95, 99))
    values: Sequence[float] = (times.mean, times.min, median, times.max, *high)
    return dict(zip(_STATS, values))
