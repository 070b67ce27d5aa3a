"""The transfers of a paired ledger along the time axis: outcomes, transit times, in flight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple, Optional

from .durations import TRANSIT, measure_spreads
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


def measure_timeline(ledger: Ledger, start: int, end: int, limit: Optional[int] = None) -> Timeline:
    """Return [start, end) cut into steps, with the figures of each; `limit` is the promised time.

    Memory does not grow with the transfers: what must be in order is ordered by SQLite.
    """
    width = _step_width(end - start)
    steps = _Steps(start, width, -(-(end - start) // width))
    counts, within, flights = _count(ledger, steps, limit)
    transit = dict(measure_spreads(ledger, TRANSIT, steps.place("start")))
    peaks = _peaks(ledger, steps, flights)
    return Timeline(
        width,
        tuple(
            _bucket(start + n * width, counts[n], transit.get(n), next(peaks), within[n], limit)
            for n in range(steps.number)
        ),
    )


def _bucket(
    start: int,
    found: Counter[Outcome],
    transit: Optional[Spread],
    peak: int,
    within: int,
    limit: Optional[int],
) -> Bucket:
    due = 0 if limit is None else sum(found[outcome] for outcome in DUE)
    counts = Counts(**{outcome.key: found[outcome] for outcome in Outcome})
    return Bucket(start, counts, transit, peak, within, due)


def _count(
    ledger: Ledger, steps: _Steps, limit: Optional[int]
) -> tuple[list[Counter[Outcome]], list[int], list[int]]:
    """Return of each step the transfers by outcome, those within the limit, and the flights."""
    counts: list[Counter[Outcome]] = [Counter() for _ in range(steps.number)]
    within, flights = [0] * steps.number, [0] * steps.number
    sql = (
        f"SELECT {steps.place('start')}, result, count(*), sum({_FLEW}), "  # noqa: S608
        f"coalesce(sum(result = {Outcome.PASSED:d} AND {TRANSIT} <= :limit), 0) "
        "FROM transfer GROUP BY 1, 2"
    )
    for place, result, count, flown, passed in ledger.query(sql, limit=limit):
        counts[place][Outcome(result)] = count
        flights[place] += flown
        within[place] += passed
    return counts, within, flights


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
