"""The distribution of durations in a paired ledger: percentiles by nearest rank, histogram."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple, Optional, Protocol

from ..report.scale import Bin
from .figures import Spread, Stages

TRANSIT = "e_end - i_start"
"""The transit time as SQL over the table `transfer`."""

HAND_OVER = "e_start - i_end"
"""The time between both sides as SQL over the table `transfer`."""

_BINS = 30
_PERCENTS = (50, 90, 95, 99)
_CORES = (5, 1)  # percent left out on either side of what the histogram must show


class Query(Protocol):
    """An interface to a paired ledger."""

    def __call__(self, select: str, **values: Any) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a SELECT over `transfer`, with the values of its parameters."""


class Durations(NamedTuple):
    """The distributions of all durations of a ledger."""

    transit: Optional[Spread]
    histogram: tuple[Bin, ...]
    stages: Stages


def measure_durations(query: Query) -> Durations:
    """Return the distributions of a paired ledger."""
    transit, histogram = _measure_transit(query)
    stages = (
        _measure_spread(query, value) for value in ("i_end - i_start", HAND_OVER, "e_end - e_start")
    )
    return Durations(transit, histogram, Stages(*stages))


def _measure_spread(query: Query, value: str) -> Optional[Spread]:
    """Return the distribution of an SQL expression over all transfers; None without values."""
    count = _count(query, value)
    return spread_of(_ordered(query, value), count) if count else None


def spread_of(ordered: Iterator[tuple[int]], count: int) -> Spread:
    """Return the distribution of the next `count` values, which are in order."""
    return _spread(count, *_values_at(ordered, _ranks(count)))


def _measure_transit(query: Query) -> tuple[Optional[Spread], tuple[Bin, ...]]:
    """Return the distribution of transit times and their histogram."""
    count = _count(query, TRANSIT)
    if not count:
        return None, ()
    cores = [(rank, count + 1 - rank) for rank in _core_ranks(count)]
    ranks = {*_ranks(count), *(rank for core in cores for rank in core)}
    values, total = _values_at(_ordered(query, TRANSIT), ranks)
    spread = _spread(count, values, total)
    low, high = _bounds([(values[first], values[last]) for first, last in cores])
    bins = _histogram(query, spread, max(low, spread.min), min(high, spread.max))
    return spread, tuple(bins)


def _count(query: Query, value: str) -> int:
    [(count,)] = query(f"SELECT count({value}) FROM transfer")  # noqa: S608
    return int(count)


def _ordered(query: Query, value: str) -> Iterator[tuple[int]]:
    return query(f"SELECT {value} FROM transfer WHERE {value} IS NOT NULL ORDER BY 1")  # noqa: S608


def _ranks(count: int) -> list[int]:
    return [1, *(-(-percent * count // 100) for percent in _PERCENTS), count]


def _spread(count: int, values: Mapping[int, int], total: int) -> Spread:
    return Spread(count, total, *(values[rank] for rank in _ranks(count)))


def _values_at(ordered: Iterator[tuple[int]], ranks: Iterable[int]) -> tuple[dict[int, int], int]:
    """Consume `ordered` up to the last of these ranks, which count from 1.

    Return the values at the ranks, and the sum of all, which may exceed the 64 bits of SQLite: some
    ends in the year 9999 are enough.
    """
    values, total, at = {}, 0, 0
    for rank in sorted(set(ranks)):
        total += sum(map(itemgetter(0), islice(ordered, rank - at - 1)))
        values[rank] = next(ordered)[0]
        total += values[rank]
        at = rank
    return values, total


def _core_ranks(count: int) -> list[int]:
    """Return the first ranks of the cores; each leaves out one value or more on either side."""
    return [1 + max(1, count * percent // 100) for percent in _CORES] if count > 3 else [1]


def _bounds(cores: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the range of the histogram: the first core of some width, widened by that width."""
    low, high = next((core for core in cores if core[0] < core[1]), cores[-1])
    return low - (high - low), high + (high - low)


def _histogram(query: Query, spread: Spread, low: int, high: int) -> Iterator[Bin]:
    """Yield bins of equal width from `low` to `high`, and one for all beyond on either side."""
    width = _bin_width(high - low)
    low = low // width * width
    bins = (high - low) // width + 1
    end = low + bins * width
    counts: dict[int, int] = dict(
        query(
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
