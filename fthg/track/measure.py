"""A paired ledger → Figures: each figure is one question to SQLite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import Optional

from .doubts import CONDITIONS
from .figures import (
    QUALITY,
    RESULTS,
    SECOND,
    STATUSES,
    Bin,
    Bucket,
    Counts,
    Doubt,
    Figures,
    Sla,
    Source,
    Spread,
    Stages,
    Timeline,
    Transfers,
)
from .ledger import Ledger
from .plan import TrackPlan
from .sent import reconcile
from .side import Side

SHOWN = 1000
"""Transfers that a section of the report lists one by one."""

_SLOWEST = 20
_DOUBTS_SHOWN = 100
_STEPS = 120
_BINS = 30
_ROUND = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
_DAY = 86_400
_TRANSIT = "e_end - i_start"

# When a transfer is under way: not at all where it has no partner and none is expected any more.
_FLYING = "CASE WHEN result <> 0 THEN i_start END"
# A failed transfer may never get an end: then it ended when it was last heard of.
_LANDED = (
    "CASE WHEN result = 0 OR i_start IS NULL THEN NULL "
    "WHEN e_end IS NOT NULL THEN max(e_end, i_start) "
    "WHEN result IN (1, 2) THEN max(coalesce(e_start, i_end, i_start), i_start) END"
)


def measure(plan: TrackPlan, ledger: Ledger, now: int, running: bool) -> Figures:
    """All figures of what the ledger holds, as paired at the moment `now`."""
    counts = _counts(ledger)
    transit = _spread(ledger, _TRANSIT)
    return Figures(
        title=plan.title,
        start=plan.start,
        end=plan.end,
        snapshot=now,
        running=running,
        grace=plan.grace,
        ingress=_source(ledger, plan.ingress),
        egress=_source(ledger, plan.egress),
        counts=counts,
        transit=transit,
        sla=_sla(ledger, plan.sla, now),
        timeline=_timeline(ledger, plan.start, max(min(plan.end, now), plan.start + 1)),
        histogram=tuple(_histogram(ledger, transit)) if transit else (),
        stages=Stages(
            ingress=_spread(ledger, "i_end - i_start"),
            hand_over=_spread(ledger, "e_start - i_end"),
            egress=_spread(ledger, "e_end - e_start"),
        ),
        matrix=_matrix(ledger),
        failures=_transfers(ledger, "t.result IN (1, 2)", "t.start DESC"),
        unpaired_ingress=_transfers(ledger, "t.result = 0 AND t.e IS NULL", "t.start"),
        unpaired_egress=_transfers(ledger, "t.result = 0 AND t.i IS NULL", "t.start"),
        slowest=tuple(
            ledger.tracked(
                f"WHERE t.{_TRANSIT} IS NOT NULL ORDER BY t.{_TRANSIT} DESC LIMIT {_SLOWEST}"
            )
        ),
        quality=tuple(_quality(ledger)),
        sent=reconcile(ledger) if plan.sent else None,
        logo=plan.logo,
        csv=plan.csv,
    )


def _source(ledger: Ledger, side: Side) -> Source:
    rows = ledger.column(f"SELECT count(*) FROM {side.name}")[0]  # noqa: S608
    return Source(side.name, side.host, side.port, side.database, side.table, rows)


def _counts(ledger: Ledger) -> Counts:
    found = ledger.query("SELECT result, count(*) FROM transfer GROUP BY result")
    return Counts(**{RESULTS[result]: count for result, count in found})


def _transfers(ledger: Ledger, condition: str, order: str) -> Transfers:
    total = ledger.column(f"SELECT count(*) FROM transfer t WHERE {condition}")[0]  # noqa: S608
    first = ledger.tracked(f"WHERE {condition} ORDER BY {order} LIMIT {SHOWN}")
    return Transfers(total, tuple(first))


def _spread(ledger: Ledger, value: str) -> Optional[Spread]:
    return next((spread for _, spread in _spreads(ledger, value)), None)


def _spreads(ledger: Ledger, value: str, group: str = "") -> Iterator[tuple[int, Spread]]:
    """Yield each group that has values with how they spread, in one walk over the sorted values."""
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
    """The values at these ranks, from 1; leaves `ordered` behind the last."""
    at, value = 0, 0
    for rank in ranks:
        if rank > at:
            value = next(islice(ordered, rank - at - 1, None))[0]
            at = rank
        yield value


def _timeline(ledger: Ledger, start: int, end: int) -> Timeline:
    step = _step(end - start)
    steps = -(-(end - start) // step)

    def place(moment: str, last: int) -> str:
        return f"max(0, min({last}, (({moment}) - {start}) / {step}))"

    counts: Counter[tuple[int, int]] = Counter()
    changes = [0] * (steps + 1)  # what ends or begins after the last step falls into one more
    columns = (
        f"result, {place('start', steps - 1)}, {place(_FLYING, steps)}, {place(_LANDED, steps)}"
    )
    # Counted here and not by GROUP BY, which would sort all transfers.
    for row, count in Counter(ledger.query(f"SELECT {columns} FROM transfer")).items():  # noqa: S608
        result, bucket, begun, ended = row
        counts[bucket, result] += count
        if begun is not None:
            changes[begun] += count
        if ended is not None:
            changes[ended] -= count
    transit = dict(_spreads(ledger, _TRANSIT, place("start", steps - 1)))
    flying = list(accumulate(changes))
    buckets = (
        Bucket(
            start + n * step,
            Counts(**{name: counts[n, result] for result, name in enumerate(RESULTS)}),
            transit.get(n),
            flying[n],
        )
        for n in range(steps)
    )
    return Timeline(step, tuple(buckets))


def _step(span: int) -> int:
    """The shortest round step that cuts a span into at most 120."""
    for seconds in _ROUND:
        if seconds * SECOND * _STEPS >= span:
            return seconds * SECOND
    return -(-span // (_STEPS * _DAY * SECOND)) * _DAY * SECOND


def _histogram(ledger: Ledger, transit: Spread) -> Iterator[Bin]:
    width = _width(transit.p99 - transit.min)
    low = transit.min // width * width
    last = (transit.p99 - low) // width
    sql = (
        f"SELECT min(({_TRANSIT} - ({low})) / {width}, {last + 1}), count(*) FROM transfer "  # noqa: S608
        f"WHERE {_TRANSIT} IS NOT NULL GROUP BY 1"
    )
    counts: dict[int, int] = dict(ledger.query(sql))
    for n in range(last + 1):
        yield Bin(low + n * width, low + (n + 1) * width, counts.get(n, 0))
    if last + 1 in counts:
        yield Bin(low + (last + 1) * width, transit.max + 1, counts[last + 1])


def _width(span: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, … that cuts a span into at most 30."""
    width = 1
    while True:
        for factor in (1, 2, 5):
            if factor * width * _BINS >= span:
                return factor * width
        width *= 10


def _sla(ledger: Ledger, limit: Optional[int], now: int) -> Optional[Sla]:
    if limit is None:
        return None
    sums = (
        f"SELECT coalesce(sum({_TRANSIT} <= :limit), 0), count({_TRANSIT}), "  # noqa: S608
        "coalesce(sum(result IN (3, 4) AND :now - start > :limit), 0) FROM transfer"
    )
    within, ended, overdue = next(ledger.query(sums, limit=limit, now=now))
    return Sla(limit, within, ended, overdue)


def _matrix(ledger: Ledger) -> tuple[tuple[int, ...], ...]:
    cells = {
        (ingress, egress): count
        for ingress, egress, count in ledger.query(
            "SELECT i_status, e_status, count(*) FROM transfer GROUP BY 1, 2"
        )
    }
    places = range(len(STATUSES))
    return tuple(tuple(cells.get((row, column), 0) for column in places) for row in places)


def _quality(ledger: Ledger) -> Iterator[Doubt]:
    found = dict(ledger.query("SELECT doubt, count(*) FROM transfer WHERE doubt GROUP BY 1"))
    for kind in QUALITY:
        for condition in CONDITIONS:
            bit = condition.bit
            total = sum(count for bits, count in found.items() if bits & bit)
            if condition.kind != kind or not total:
                continue
            if kind == "duplicate_uuid":
                yield _duplicates(ledger, condition.side, bit)
                continue
            first = ledger.tracked(f"WHERE t.doubt & {bit} ORDER BY t.start LIMIT {_DOUBTS_SHOWN}")
            yield Doubt(kind, condition.side, total, tuple(first))


def _duplicates(ledger: Ledger, side: str, bit: int) -> Doubt:
    total, first = ledger.duplicates(side, bit, _DOUBTS_SHOWN)
    return Doubt("duplicate_uuid", side, total, first)
