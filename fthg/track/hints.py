"""Signs that the set-up is wrong, not the transfers: what was found, and what to do.

A hint turns the verdict amber, so each rule asks for more than chance or slow transfers can show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Optional

from ..report import shown
from .durations import HAND_OVER, TRANSIT
from .figures import Figures, Hint, Spread
from .ledger import OTHER, Ledger
from .outcomes import Status
from .plan import TrackPlan
from .quality import CHECKS
from .side import Side
from .tracked import SECOND
from .uuid_orders import find_other_order

KINDS = {
    "same_table": "both sides are the same table",
    "empty_side": "one side is empty",
    "swapped_uuids": "the UUIDs of one side have their bytes in another order",
    "no_common_uuids": "the UUIDs of the two sides never match",
    "timezone": "the transit times suggest a wrong time zone",
    "clocks": "the clocks of the two sides differ",
    "no_index": "the queries of the databases have no index",
}
"""Each kind of hint in one phrase, in the order in which they are listed."""

_TIMES = ("transit", "sla")
_PAIRING = ("pass_rate", "unpaired", "sla")
_ALL = ("transit", "sla", "pass_rate", "unpaired")

_FEW = 3  # fewer rows without a partner, or
_SOME = 5  # fewer transfers that take half an hour are no pattern
_SEVERAL = 10  # the same in two databases to the fraction of a second is no chance any more
_MANY = 100  # the same to the second, of which each took two or more
_HALF_HOUR = 1800 * SECOND
_NEAR = 60 * SECOND


def find_hints(
    ledger: Ledger, plan: TrackPlan, figures: Figures, unindexed: Mapping[str, Sequence[str]]
) -> Iterator[Hint]:
    """Yield the hints of a paired ledger; `unindexed` has columns by side that need an index."""
    for rule in (_same_table, _pairing, _times):
        if hint := rule(ledger, plan, figures):
            yield hint
    yield from _indexes(unindexed)


def _same_table(ledger: Ledger, plan: TrackPlan, figures: Figures) -> Optional[Hint]:
    if _place(plan.ingress) == _place(plan.egress):
        found = f"ingress and egress are both {figures.ingress}"
    elif _identical(ledger, figures):
        found = f"all {figures.ingress.rows:,} rows are the same at ingress and egress"
    else:
        return None
    return Hint("same_table", f"{found}; check host, database and table of both sides", _ALL)


def _place(side: Side) -> tuple[str, str, str]:
    host = "127.0.0.1" if side.host.lower() in ("localhost", "::1") else side.host.lower()
    return side.socket or f"{host}:{side.port}", side.database, side.table


# A row without a UUID has no partner, not even itself.
_KEYLESS = sum(check.bit for check in CHECKS if check.kind == "null_uuid")
_DIFFERENT = f"""
SELECT 1 FROM transfer WHERE (i IS NULL OR e IS NULL) AND NOT quality & {_KEYLESS}
OR i IS NOT NULL AND e IS NOT NULL
AND (i_start IS NOT e_start OR i_end IS NOT e_end OR i_status <> e_status) LIMIT 1
"""  # noqa: S608
# Of times in whole seconds, short transfers are the same in both databases by chance, but no egress
# starts seconds before the end at ingress, unless it streams.
_EXACT = """
SELECT count(*) FROM (SELECT 1 FROM transfer
WHERE i_end > i_start AND e IS NOT NULL AND {condition} LIMIT {enough})
"""
_PROOFS = (
    (f"(i_start % {SECOND} OR i_end % {SECOND})", _SEVERAL),
    (f"i_end - i_start >= {2 * SECOND}", _MANY),
)


def _identical(ledger: Ledger, figures: Figures) -> bool:
    """Return True if each row has a partner with its times, as in a replica or another name."""
    return (
        figures.counts.transfers >= _SEVERAL
        and not ledger.column(_DIFFERENT)
        and any(
            ledger.column(_EXACT.format(condition=condition, enough=enough))[0] == enough
            for condition, enough in _PROOFS
        )
    )


def _pairing(ledger: Ledger, plan: TrackPlan, figures: Figures) -> Optional[Hint]:
    lost = {"ingress": figures.unpaired_ingress.total, "egress": figures.unpaired_egress.total}
    rows = {"ingress": figures.ingress.rows, "egress": figures.egress.rows}
    for side, other in OTHER.items():
        if lost[side] and not rows[other]:
            found = f"{other} has no rows in this period, {side} has {rows[side]:,}"
            return Hint(
                "empty_side", f"{found}; check host, database and table of {other}", _PAIRING
            )
    pairs = sum(sum(row[: Status.NO_ROW]) for row in figures.matrix[: Status.NO_ROW])
    # Nine of ten on either side, because some rows may be older than a change of the keys.
    if not min(lost.values()) or max(lost.values()) < 9 * pairs:
        return None
    if swapped := find_other_order(ledger, plan):
        return Hint("swapped_uuids", swapped, _PAIRING)
    if pairs or min(lost.values()) < _FEW:
        return None
    found = f"none of {lost['ingress']:,} UUIDs at ingress is among {lost['egress']:,} at egress"
    return Hint("no_common_uuids", f"{found}; check columns: {{uuid: …}} of both sides", _PAIRING)


def _times(ledger: Ledger, _: TrackPlan, figures: Figures) -> Optional[Hint]:
    transit = figures.transit
    if transit is None:
        return None
    return _half_hours(ledger, figures, transit) or _clocks(ledger, transit)


def _half_hours(ledger: Ledger, figures: Figures, transit: Spread) -> Optional[Hint]:
    """Return a hint if a multiple of 30 minutes lies between the sides in nearly all pairs.

    A zone shifts what lies between the sides and not the stages: a long upload is none. It shifts
    all alike: eight of ten pairs must be within a twentieth of the shift, those of slow transfers
    vary by more.
    """
    hand_over = figures.stages.hand_over
    apart, between = (transit, TRANSIT) if hand_over is None else (hand_over, HAND_OVER)
    shift = round(apart.p50 / _HALF_HOUR) * _HALF_HOUR
    if not shift or abs(apart.p50 - shift) > _NEAR or apart.count < _SOME:
        return None
    near = ledger.column(
        f"SELECT count(*) FROM transfer WHERE abs({between} - :shift) <= abs(:shift) / 20",  # noqa: S608
        shift=shift,
    )[0]
    if near * 10 < apart.count * 8:
        return None
    found = (
        f"{near:,} of {apart.count:,} pairs are about {shown.duration(shift)} apart, "
        f"a whole number of half hours (median transit time {shown.duration(transit.p50)})"
    )
    return Hint("timezone", f"{found}; check the time zones of both sides", _TIMES)


def _clocks(ledger: Ledger, transit: Spread) -> Optional[Hint]:
    """Return a hint if the median is negative, or negative times are 1% or move the average."""
    median = f"the median transit time is negative ({shown.duration(transit.p50)})"
    if transit.p50 < -_HALF_HOUR // 2:
        return Hint(
            "timezone", f"{median}; check the time zones and the clocks of both sides", _TIMES
        )
    if transit.p50 < 0:
        return Hint("clocks", f"{median}; compare the clocks of both databases", _TIMES)
    if transit.min >= 0:
        return None
    count, seconds = next(
        ledger.query(
            f"SELECT count(*), sum(({TRANSIT}) / {SECOND}) FROM transfer WHERE {TRANSIT} < 0"  # noqa: S608
        )
    )
    positive = transit.total // SECOND - seconds
    if count * 100 < transit.count and -seconds * 10 < positive:
        return None
    found = (
        f"{count:,} of {transit.count:,} transit times "
        f"{'is' if count == 1 else 'are'} negative, down to {shown.duration(transit.min)}"
    )
    return Hint("clocks", f"{found}; compare the clocks of both databases", _TIMES)


def _indexes(unindexed: Mapping[str, Sequence[str]]) -> Iterator[Hint]:
    for side, columns in unindexed.items():
        if columns:
            found = f"{side} has no index on {' and '.join(columns)}, so polls read the whole table"
            yield Hint("no_index", f"{found}; create an index on each column")
