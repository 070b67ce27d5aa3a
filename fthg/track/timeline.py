"""The transfers of a paired ledger along the time axis: outcomes, transit times, in flight."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

from .durations import TRANSIT, measure_spreads
from .figures import Bucket, Counts, Timeline
from .ledger import Ledger
from .outcomes import Outcome, sql_list
from .tracked import SECOND

_STEPS = 120
_ROUND = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
_DAY = 86_400

# A row without a partner, if none is expected any more, was never in flight.
_FLIGHT_START = f"CASE WHEN result <> {Outcome.UNPAIRED:d} THEN i_start END"
# A failed transfer may never get an end: then its last known time is the end.
_FLIGHT_END = (
    f"CASE WHEN result = {Outcome.UNPAIRED:d} OR i_start IS NULL THEN NULL "
    "WHEN e_end IS NOT NULL THEN max(e_end, i_start) "
    f"WHEN result IN {sql_list(Outcome.FAILED, Outcome.TIMEOUT)} "
    "THEN max(coalesce(e_start, i_end, i_start), i_start) END"
)


def measure_timeline(ledger: Ledger, start: int, end: int) -> Timeline:
    """Return [start, end) cut into steps, with the figures of each step."""
    step = _step_width(end - start)
    steps = -(-(end - start) // step)
    counts, changes = _count(ledger, start, step, steps)
    transit = dict(measure_spreads(ledger, TRANSIT, _place("start", start, step, steps - 1)))
    in_flight = list(accumulate(changes))
    buckets = (
        Bucket(
            start + n * step,
            Counts(**{outcome.key: counts[n, outcome] for outcome in Outcome}),
            transit.get(n),
            in_flight[n],
        )
        for n in range(steps)
    )
    return Timeline(step, tuple(buckets))


def _count(
    ledger: Ledger, start: int, step: int, steps: int
) -> tuple[Counter[tuple[int, int]], list[int]]:
    """Return the transfers by step and outcome, and the change of those in flight by step."""
    counts: Counter[tuple[int, int]] = Counter()
    changes = [0] * (steps + 1)  # the additional step is for starts and ends after the last one
    columns = ", ".join(
        [
            "result",
            _place("start", start, step, steps - 1),
            _place(_FLIGHT_START, start, step, steps),
            _place(_FLIGHT_END, start, step, steps),
        ]
    )
    # Counted here and not by GROUP BY, which would sort all transfers.
    for row, count in Counter(ledger.query(f"SELECT {columns} FROM transfer")).items():  # noqa: S608
        result, bucket, started, ended = row
        counts[bucket, result] += count
        if started is not None:
            changes[started] += count
        if ended is not None:
            changes[ended] -= count
    return counts, changes


def _place(time: str, start: int, step: int, last: int) -> str:
    """Return SQL for the step that a time belongs to, from 0 to `last`."""
    return f"max(0, min({last}, (({time}) - {start}) / {step}))"


def _step_width(span: int) -> int:
    """Return the shortest round step that cuts a span into at most 120."""
    for seconds in _ROUND:
        if seconds * SECOND * _STEPS >= span:
            return seconds * SECOND
    return -(-span // (_STEPS * _DAY * SECOND)) * _DAY * SECOND
