"""The transfers that passed within the promised time, in all and by hour or day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from math import gcd
from operator import add
from typing import Optional

from ..text import in_zone
from .durations import TRANSIT
from .figures import Sla, SlaStep
from .ledger import Ledger
from .outcomes import DUE, Outcome, sql_list
from .plan import TrackPlan
from .tracked import SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_HOUR = 3600 * SECOND
_LONGEST_BY_HOUR = 72 * _HOUR

_SUMS = f"""
SELECT (start - :first) / :width,
    coalesce(sum(result = {Outcome.PASSED:d} AND {TRANSIT} <= :limit), 0),
    sum(result IN {sql_list(*DUE)}),
    sum(result IN {sql_list(Outcome.IN_PROGRESS, Outcome.PENDING)} AND :now - start > :limit)
FROM transfer GROUP BY 1
"""  # noqa: S608


def measure_sla(ledger: Ledger, plan: TrackPlan, now: int) -> Optional[Sla]:
    """Return the figures of the promised time at the time `now`; None if none is promised."""
    if plan.sla is None:
        return None
    by_day = plan.end - plan.start > _LONGEST_BY_HOUR
    edges = list(_edges(plan.start, plan.end, plan.zone, by_day))
    # SQLite counts in cells of equal width; whatever the clocks do, each lies in one step.
    first, width = edges[0], gcd(*(edge - edges[0] for edge in edges))
    cells = ledger.query(_SUMS, first=first, width=width, limit=plan.sla, now=now)
    sums = [[0, 0, 0] for _ in edges]
    for cell, *counts in cells:
        step = sums[bisect_right(edges, first + cell * width) - 1]
        step[:] = map(add, step, counts)
    within, due, overdue = map(sum, zip(*sums))
    return Sla(
        plan.sla,
        within,
        due,
        overdue,
        plan.sla_target,
        by_day,
        tuple(
            SlaStep(max(start, plan.start), min(end, plan.end), *counts[:2])
            for start, end, counts in zip(edges, edges[1:], sums)
            if counts[1]
        ),
    )


def _edges(start: int, end: int, zone: tzinfo, by_day: bool) -> Iterator[int]:
    """Yield where hours or days begin in a zone, from at or before `start` to `end` or later.

    Where clocks are changed, a day has 23 or 25 hours, and an hour that is repeated is two.
    """
    return _midnights(start, end, zone) if by_day else _hours(start, end, zone)


def _midnights(start: int, end: int, zone: tzinfo) -> Iterator[int]:
    midnight = _in_zone(start, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    while True:
        edge = (midnight - _EPOCH) // _MICROSECOND
        yield edge
        if edge >= end:
            return
        midnight += timedelta(days=1)


def _hours(start: int, end: int, zone: tzinfo) -> Iterator[int]:
    edge = start - _into_hour(start, zone)
    while edge < end:
        yield edge
        edge += _HOUR - _into_hour(edge, zone)
    yield edge


def _into_hour(time: int, zone: tzinfo) -> int:
    local = _in_zone(time, zone)
    return (local.minute * 60 + local.second) * SECOND + local.microsecond


def _in_zone(time: int, zone: tzinfo) -> datetime:
    return in_zone(time * 1000, zone)
