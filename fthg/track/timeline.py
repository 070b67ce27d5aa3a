"""The transfers of a paired ledger along the time axis: outcomes, transit times, in flight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple, Optional

from .durations import TRANSIT, spread_of
from .figures import Bucket, Counts, Spread, Timeline
from .ledger import Ledger
from .outcomes import DUE, Outcome, sql_list
from .tracked import SECOND

_STEPS = 120
_ROUND = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
_DAY = 86_400

# A row without a partner, if none is expected any more, was never in flight.
_FLEW = f"result <> {Outcome.UNPAIRED:d} AND i_start IS NOT NULL"
# A failed transfer may never get an end: then its last known time is the end. One that starts and
# ends in the same second, of columns without fractions, was in flight all the same.
_FLIGHT_END = (
    "CASE WHEN e_end IS NOT NULL THEN max(e_end, i_start + 1) "
    f"WHEN result IN {sql_list(Outcome.FAILED, Outcome.TIMEOUT)} "
    "THEN max(coalesce(e_start, i_end, i_start), i_start + 1) END"
)


class _Steps(NamedTuple):
    """The steps of a time axis; the first and the last one also hold what lies beyond."""

    start: int
    width: int
    number: int

    def place(self, time: str) -> str:
        """Return SQL for the step that a time belongs to."""
        return f"max(0, min({self.number - 1}, (({time}) - {self.start}) / {self.width}))"


@dataclass
class _Sums:
    """The numbers of transfers that start in one step."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    ended: int = 0
    flights: int = 0
    within: int = 0


def measure_timeline(ledger: Ledger, start: int, end: int, limit: Optional[int] = None) -> Timeline:
    """Return [start, end) cut into steps, with the figures of each; `limit` is the promised time.

    Memory does not grow with the transfers: what must be in order is ordered by SQLite.
    """
    width = _step_width(end - start)
    steps = _Steps(start, width, -(-(end - start) // width))
    sums = _sum(ledger, steps, limit)
    # One after the other, as SQLite needs memory to sort.
    spreads = list(_spreads(ledger, steps, [step.ended for step in sums]))
    peaks = list(_peaks(ledger, steps, [step.flights for step in sums]))
    return Timeline(
        width,
        tuple(
            Bucket(
                start + n * width,
                Counts(**{outcome.key: step.outcomes[outcome] for outcome in Outcome}),
                spread,
                peak,
                step.within,
                0 if limit is None else sum(step.outcomes[outcome] for outcome in DUE),
            )
            for n, (step, spread, peak) in enumerate(zip(sums, spreads, peaks))
        ),
    )


def _sum(ledger: Ledger, steps: _Steps, limit: Optional[int]) -> list[_Sums]:
    """Return the sums of each step."""
    sums = [_Sums() for _ in range(steps.number)]
    sql = (
        f"SELECT {steps.place('start')}, result, count(*), count({TRANSIT}), sum({_FLEW}), "  # noqa: S608
        f"coalesce(sum(result = {Outcome.PASSED:d} AND {TRANSIT} <= :limit), 0) "
        "FROM transfer GROUP BY 1, 2"
    )
    for place, result, count, ended, flights, within in ledger.query(sql, limit=limit):
        step = sums[place]
        step.outcomes[Outcome(result)] = count
        step.ended += ended
        step.flights += flights
        step.within += within
    return sums


def _spreads(ledger: Ledger, steps: _Steps, ended: Sequence[int]) -> Iterator[Optional[Spread]]:
    """Yield the distribution of transit times in each step, of which as many have `ended`."""
    ordered = ledger.query(
        f"SELECT {TRANSIT} FROM transfer WHERE {TRANSIT} IS NOT NULL "  # noqa: S608
        f"ORDER BY {steps.place('start')}, {TRANSIT}"
    )
    for count in ended:
        yield spread_of(ordered, count) if count else None


def _peaks(ledger: Ledger, steps: _Steps, flights: Sequence[int]) -> Iterator[int]:
    """Yield the most transfers in flight at once in each step."""
    starts = ledger.query(f"SELECT i_start FROM transfer WHERE {_FLEW} ORDER BY 1")  # noqa: S608
    ended = ledger.query(
        f"SELECT {_FLIGHT_END} AS ended FROM transfer WHERE {_FLEW} AND ended IS NOT NULL "  # noqa: S608
        "ORDER BY 1"
    )
    ends = chain((end for (end,) in ended), [1 << 63])
    in_flight, end = 0, next(ends)
    for n in range(steps.number):
        step = steps.start + n * steps.width
        while end <= step:
            in_flight, end = in_flight - 1, next(ends)
        peak = in_flight  # of those that started before
        for (start,) in islice(starts, flights[n]):
            while end <= start:
                in_flight, end = in_flight - 1, next(ends)
            in_flight += 1
            peak = max(peak, in_flight)
        yield peak


def _step_width(span: int) -> int:
    """Return the shortest round step that cuts a span into at most 120."""
    for seconds in _ROUND:
        if seconds * SECOND * _STEPS >= span:
            return seconds * SECOND
    return -(-span // (_STEPS * _DAY * SECOND)) * _DAY * SECOND
