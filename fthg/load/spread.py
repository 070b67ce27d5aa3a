"""Spreads the starts of the jobs of one `each` over the period of their rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Optional

from ..clock import SECOND

SPREAD_OVER = "spread_over"
"""The key of a job's data that holds the period which its start is spread over, in seconds."""

Data = Mapping[str, Any]


def spread(rows: Sequence[Data]) -> Sequence[Data]:
    """Return the data of the jobs of one `each`, in the order of its rows, with their starts.

    Row i of the N with the same period starts i/N of it later.
    """
    return list(_spread(rows))


def _spread(rows: Sequence[Data]) -> Iterator[Data]:
    periods = [_period(data) for data in rows]
    of, before = Counter(periods), Counter[object]()
    for data, period in zip(rows, periods):
        if period is None or of[period] == 1:
            yield data
            continue
        later = SECOND * period * before[period] // of[period]
        before[period] += 1
        # In whole nanoseconds: a float holds them exactly up to a hundred days.
        start = (round(data["start_after"] * SECOND) + later) / SECOND
        yield {**data, "start_after": start, SPREAD_OVER: float(period)}


def _period(data: Data) -> Optional[Fraction]:
    """Return the period of a job whose start is spread, in seconds."""
    if not data["spread"] or data["arrivals"] != "even":
        return None
    found: Optional[Fraction] = data["rate"].period
    return found
