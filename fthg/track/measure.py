"""A paired ledger → Figures: each figure is one query to SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from .durations import TRANSIT, measure_histogram, measure_spread
from .figures import Counts, Figures, QualityFinding, Sla, Source, Stages, State, Transfers
from .ledger import Ledger
from .outcomes import RESULTS, Outcome, Status, sql_list
from .plan import SIDES, TrackPlan
from .quality import CHECKS, KINDS, OUTSIDE
from .sent import reconcile
from .side import Side
from .timeline import measure_timeline

SHOWN = 1000
"""Transfers that a section of the report lists one by one."""

_SLOWEST = 20
_FINDINGS_SHOWN = 100
_ORDER = tuple(KINDS)

_FAILED = f"t.result IN {sql_list(Outcome.FAILED, Outcome.TIMEOUT)}"
_UNPAIRED = f"t.result = {Outcome.UNPAIRED:d}"
_DUE = sql_list(Outcome.PASSED, Outcome.FAILED, Outcome.TIMEOUT, Outcome.UNPAIRED)
_UNSETTLED = f"result IN {sql_list(Outcome.IN_PROGRESS, Outcome.PENDING)}"


def measure(plan: TrackPlan, ledger: Ledger, now: int, state: State) -> Figures:
    """Return all figures of a ledger that was paired at the time `now`."""
    transit = measure_spread(ledger, TRANSIT)
    return Figures(
        title=plan.title,
        start=plan.start,
        end=plan.end,
        snapshot=now,
        state=state,
        grace=plan.grace,
        ingress=_source(ledger, plan.ingress),
        egress=_source(ledger, plan.egress),
        counts=_counts(ledger),
        transit=transit,
        sla=_sla(ledger, plan.sla, now),
        timeline=measure_timeline(ledger, plan.start, max(min(plan.end, now), plan.start + 1)),
        histogram=tuple(measure_histogram(ledger, transit)) if transit else (),
        stages=Stages(
            ingress=measure_spread(ledger, "i_end - i_start"),
            hand_over=measure_spread(ledger, "e_start - i_end"),
            egress=measure_spread(ledger, "e_end - e_start"),
        ),
        matrix=_matrix(ledger),
        failures=_transfers(ledger, _FAILED, "t.start DESC"),
        unpaired_ingress=_transfers(ledger, f"{_UNPAIRED} AND t.e IS NULL", "t.start"),
        unpaired_egress=_transfers(ledger, f"{_UNPAIRED} AND t.i IS NULL", "t.start"),
        slowest=tuple(
            ledger.tracked(
                f"WHERE t.{TRANSIT} IS NOT NULL ORDER BY t.{TRANSIT} DESC LIMIT {_SLOWEST}"
            )
        ),
        quality=tuple(sorted(_quality(ledger), key=lambda found: _ORDER.index(found.kind))),
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


def _sla(ledger: Ledger, limit: Optional[int], now: int) -> Optional[Sla]:
    if limit is None:
        return None
    sums = (
        f"SELECT coalesce(sum(result = {Outcome.PASSED:d} AND {TRANSIT} <= :limit), 0), "  # noqa: S608
        f"coalesce(sum(result IN {_DUE}), 0), "
        f"coalesce(sum({_UNSETTLED} AND :now - start > :limit), 0) FROM transfer"
    )
    within, due, overdue = next(ledger.query(sums, limit=limit, now=now))
    return Sla(limit, within, due, overdue)


def _matrix(ledger: Ledger) -> tuple[tuple[int, ...], ...]:
    cells = {
        (ingress, egress): count
        for ingress, egress, count in ledger.query(
            "SELECT i_status, e_status, count(*) FROM transfer GROUP BY 1, 2"
        )
    }
    return tuple(tuple(cells.get((row, column), 0) for column in Status) for row in Status)


def _quality(ledger: Ledger) -> Iterator[QualityFinding]:
    found = dict(ledger.query("SELECT quality, count(*) FROM transfer WHERE quality GROUP BY 1"))
    for kind in OUTSIDE:
        for side in SIDES:
            total, first = ledger.rows_outside(side, kind)
            if total:
                yield QualityFinding(kind, side, total, first)
    for check in CHECKS:
        total = sum(count for bits, count in found.items() if bits & check.bit)
        if not total:
            continue
        if check.kind == "duplicate_uuid":
            # The rows listed are those that do not count, which are no transfers.
            total, first = ledger.duplicates(check.side, check.bit, _FINDINGS_SHOWN)
        else:
            condition = f"WHERE t.quality & {check.bit}"
            first = tuple(ledger.tracked(f"{condition} ORDER BY t.start LIMIT {_FINDINGS_SHOWN}"))
        yield QualityFinding(check.kind, check.side, total, first)
