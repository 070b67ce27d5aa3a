"""A paired ledger → Figures: each figure is one query to SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from .durations import TRANSIT, Durations, measure_durations
from .failure_spans import find_failure_spans, span_gap
from .figures import Counts, Figures, QualityFinding, Source, Stages, State, Transfers
from .groups import measure_groups
from .hints import find_hints
from .ledger import Ledger
from .outcomes import RESULTS, Outcome, Status, sql_list
from .plan import SIDES, TrackPlan
from .quality import CHECKS, KINDS, OUTSIDE
from .sent import reconcile
from .side import Side
from .sla import measure_sla
from .timeline import measure_timeline

SHOWN = 1000
"""Transfers that a section of the report lists one by one."""

_SLOWEST = 20
_FINDINGS_SHOWN = 100
_ORDER = tuple(KINDS)

_FAILED = f"t.result IN {sql_list(Outcome.FAILED, Outcome.TIMEOUT)}"
_UNPAIRED = f"t.result = {Outcome.UNPAIRED:d}"


def measure(
    plan: TrackPlan,
    ledger: Ledger,
    now: int,
    state: State,
    unindexed: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Figures:
    """Return all figures of a ledger that was paired at the time `now`.

    `unindexed` names by side the columns that are searched without an index.
    """
    rest = measure_rest(plan, ledger, now, state)
    return complete(rest, measure_durations(ledger.query), plan, ledger, unindexed)


def complete(
    rest: Figures,
    durations: Durations,
    plan: TrackPlan,
    ledger: Ledger,
    unindexed: Mapping[str, Sequence[str]],
) -> Figures:
    """Return all figures: those of `measure_rest`, the durations, and the hints that follow."""
    figures = replace(rest, **durations._asdict())
    return replace(figures, hints=tuple(find_hints(ledger, plan, figures, unindexed)))


def measure_rest(plan: TrackPlan, ledger: Ledger, now: int, state: State) -> Figures:
    """Return all figures but durations and hints, which may be measured elsewhere meanwhile."""
    # The end of what has passed of the period; where a clock or zone is wrong, of what it holds.
    [(last,)] = ledger.query("SELECT max(start) FROM transfer")
    seen = max(min(plan.end, max(now, (last or 0) + 1)), plan.start + 1)
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
        transit=None,
        sla=measure_sla(ledger, plan, now),
        timeline=measure_timeline(ledger, plan.start, seen, plan.sla),
        histogram=(),
        stages=Stages(None, None, None),
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
        zone=plan.zone,
        zone_name=plan.zone_name,
        groups=tuple(measure_groups(ledger, plan.groups, plan.sla)),
        failure_spans=tuple(find_failure_spans(ledger, span_gap(plan.start, seen))),
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
