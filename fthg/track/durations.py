"""The distribution of durations in a paired ledger: percentiles by nearest rank, histogram."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Optional

from .figures import Bin, Spread
from .ledger import Ledger
from .tracked import SECOND

TRANSIT = "e_end - i_start"
"""The transit time as SQL over the table `transfer`."""

HAND_OVER = "e_start - i_end"
"""The time between both sides as SQL over the table `transfer`."""

_BINS = 30
_PERCENTS = (50, 90, 95, 99)
_CORES = (5, 1)  # percent left out on either side of what the histogram must show


def measure_spread(ledger: Ledger, value: str) -> Optional[Spread]:
    """Return the distribution of an SQL expression over all transfers; None without values."""
    return next((spread for _, spread in measure_spreads(ledger, value)), None)


def measure_spreads(ledger: Ledger, value: str, group: str = "") -> Iterator[tuple[int, Spread]]:
    """Yield each group that has values with their distribution, in one pass over sorted values."""
    order = f"{group}, {value}" if group else value
    ordered = ledger.query(
        f"SELECT {value} FROM transfer WHERE {value} IS NOT NULL ORDER BY {order}"  # noqa: S608
    )
    for name, count, total in _totals(ledger, value, group):
        yield name, spread_of(ordered, count, total)


def spread_of(ordered: Iterator[tuple[int]], count: int, total: int) -> Spread:
    """Return the distribution of the next `count` values, which are in order."""
    return _spread(count, total, _values_at(ordered, _ranks(count)))


def measure_transit(ledger: Ledger) -> tuple[Optional[Spread], tuple[Bin, ...]]:
    """Return the distribution of transit times and their histogram."""
    ordered = ledger.query(
        f"SELECT {TRANSIT} FROM transfer WHERE {TRANSIT} IS NOT NULL ORDER BY 1"  # noqa: S608
    )
    for _, count, total in _totals(ledger, TRANSIT):
        cores = [(rank, count + 1 - rank) for rank in _core_ranks(count)]
        values = _values_at(ordered, {*_ranks(count), *(rank for core in cores for rank in core)})
        low, high = _bounds([(values[first], values[last]) for first, last in cores])
        spread = _spread(count, total, values)
        bins = _histogram(ledger, spread, max(low, spread.min), min(high, spread.max))
        return spread, tuple(bins)
    return None, ()


def sums(value: str) -> str:
    """Return SQL for two sums, of the whole seconds of durations and of what is left of them."""
    # A single sum would exceed 64 bits if some ends were in the year 9999.
    return f"sum(({value}) / {SECOND}), sum(({value}) % {SECOND})"


def _totals(ledger: Ledger, value: str, group: str = "") -> list[tuple[int, int, int]]:
    """Return each group with the count and sum of its values."""
    found = ledger.query(
        f"SELECT {group or 0}, count(*), {sums(value)} "  # noqa: S608
        f"FROM transfer WHERE {value} IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    return [(name, count, whole * SECOND + rest) for name, count, whole, rest in found]


def _ranks(count: int) -> list[int]:
    return [1, *(-(-percent * count // 100) for percent in _PERCENTS), count]


def _spread(count: int, total: int, values: Mapping[int, int]) -> Spread:
    return Spread(count, total, *(values[rank] for rank in _ranks(count)))


def _values_at(ordered: Iterator[tuple[int]], ranks: Iterable[int]) -> dict[int, int]:
    """Return the values at these ranks, which count from 1; consume `ordered` up to the last."""
    values, at = {}, 0
    for rank in sorted(set(ranks)):
        values[rank] = next(islice(ordered, rank - at - 1, None))[0]
        at = rank
    return values


def _core_ranks(count: int) -> list[int]:
    """Return the first ranks of the cores; each leaves out one value or more on either side."""
    return [1 + max(1, count * percent // 100) for percent in _CORES] if count > 3 else [1]


def _bounds(cores: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the range of the histogram: the first core of some width, widened by that width."""
    low, high = next((core for core in cores if core[0] < core[1]), cores[-1])
    return low - (high - low), high + (high - low)


def _histogram(ledger: Ledger, spread: Spread, low: int, high: int) -> Iterator[Bin]:
    """Yield bins of equal width from `low` to `high`, and one for all beyond on either side."""
    width = _bin_width(high - low)
    low = low // width * width
    bins = (high - low) // width + 1
    end = low + bins * width
    counts: dict[int, int] = dict(
        ledger.query(
            f"SELECT CASE WHEN {TRANSIT} < :low THEN -1 WHEN {TRANSIT} >= :end THEN :bins "  # noqa: S608
            f"ELSE ({TRANSIT} - :low) / :width END, count(*) "
            f"FROM transfer WHERE {TRANSIT} IS NOT NULL GROUP BY 1",
            low=low,
            end=end,
            bins=bins,
            width=width,
        )
    )
    if -1 in counts:
        yield Bin(spread.min, low, counts[-1], "shorter")
    for n in range(bins):
        yield Bin(low + n * width, low + (n + 1) * width, counts.get(n, 0))
    if bins in counts:
        yield Bin(end, spread.max + 1, counts[bins], "longer")


def _bin_width(span: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50, … that cuts a span into at most 30 bins."""
    width = 1
    while True:
        for factor in (1, 2, 5):
            if factor * width * _BINS >= span:
                return factor * width
        width *= 10
