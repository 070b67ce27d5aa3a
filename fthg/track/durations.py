"""The distribution of durations in a paired ledger: percentiles by nearest rank, histogram."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Optional

from .figures import Bin, Spread
from .ledger import Ledger

TRANSIT = "e_end - i_start"
"""The transit time as SQL over the table `transfer`."""

_BINS = 30


def measure_spread(ledger: Ledger, value: str) -> Optional[Spread]:
    """Return the distribution of an SQL expression over all transfers; None without values."""
    return next((spread for _, spread in measure_spreads(ledger, value)), None)


def measure_spreads(ledger: Ledger, value: str, group: str = "") -> Iterator[tuple[int, Spread]]:
    """Yield each group that has values with their distribution, in one pass over sorted values."""
    having = f"FROM transfer WHERE {value} IS NOT NULL"
    totals = ledger.query(
        f"SELECT {group or 0}, count(*), sum({value}) {having} GROUP BY 1 ORDER BY 1"
    )
    order = f"{group}, {value}" if group else value
    ordered = ledger.query(f"SELECT {value} {having} ORDER BY {order}")
    for name, count, total in list(totals):
        ranks = [1, *(-(-percent * count // 100) for percent in (50, 90, 95, 99)), count]
        yield name, Spread(count, total, *_ranked(ordered, ranks))


def _ranked(ordered: Iterator[tuple[int]], ranks: list[int]) -> Iterator[int]:
    """Yield the values at these ranks, which count from 1; consume `ordered` up to the last."""
    at, value = 0, 0
    for rank in ranks:
        if rank > at:
            value = next(islice(ordered, rank - at - 1, None))[0]
            at = rank
        yield value


def measure_histogram(ledger: Ledger, transit: Spread) -> Iterator[Bin]:
    """Yield bins of equal width up to the p99, then one bin for all longer transit times."""
    width = _bin_width(transit.p99 - transit.min)
    low = transit.min // width * width
    last = (transit.p99 - low) // width
    sql = (
        f"SELECT min(({TRANSIT} - ({low})) / {width}, {last + 1}), count(*) FROM transfer "  # noqa: S608
        f"WHERE {TRANSIT} IS NOT NULL GROUP BY 1"
    )
    counts: dict[int, int] = dict(ledger.query(sql))
    for n in range(last + 1):
        yield Bin(low + n * width, low + (n + 1) * width, counts.get(n, 0))
    if last + 1 in counts:
        yield Bin(low + (last + 1) * width, transit.max + 1, counts[last + 1], "longer")


def _bin_width(span: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50, … that cuts a span into at most 30 bins."""
    width = 1
    while True:
        for factor in (1, 2, 5):
            if factor * width * _BINS >= span:
                return factor * width
        width *= 10
