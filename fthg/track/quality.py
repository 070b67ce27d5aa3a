"""The data quality checks: SQL conditions on a pair of ledger rows, each one bit of a transfer."""

from __future__ import annotations

from typing import NamedTuple

from .outcomes import KNOWN_STATUSES
from .wall_clock import AMBIGUOUS, NONEXISTENT

KINDS = {
    "duplicate_uuid": "further rows with a UUID of their side; the row that starts first counts",
    "duplicate_outside": (
        "rows outside the period with a UUID of a row within; it counts in each of its periods"
    ),
    "null_uuid": "rows without a UUID; they cannot have a partner",
    "malformed_uuid": "rows whose UUID is malformed; they pair by their exact text only",
    "null_start": "rows of any time without a start; only a partner with a start makes them count",
    "ambiguous_time": (
        "rows with a time in the hour that the end of summer time repeats; read as its first pass"
    ),
    "nonexistent_time": (
        "rows with a time in the hour that the start of summer time skips; check the time zone"
    ),
    "unknown_status": "rows whose status is none of SUCCESS, FAILED and TIMEOUT",
    "end_before_start": "rows that end before they start",
    "negative_transit": "pairs whose egress ends before their ingress starts: clocks differ",
    "failed_then_success": (
        "pairs that failed or timed out at ingress, but succeeded at egress, which decides"
    ),
    "filename_differs": "pairs whose two sides name different files",
}
"""Each kind of finding and its meaning, in the order in which the page lists them."""


OUTSIDE = ("duplicate_outside", "null_start")
"""The kinds that the servers find and count: most of their rows belong to no transfer."""


class QualityCheck(NamedTuple):
    """One kind of finding on one side; `sql` is a condition on the rows `i` and `e`."""

    kind: str  # of KINDS
    side: str  # ingress, egress or both
    bit: int
    sql: str


_KNOWN = f"({', '.join(repr(status.name) for status in KNOWN_STATUSES)})"
_OF_A_ROW = {
    "duplicate_uuid": "{row}.key IN (SELECT key FROM {side} WHERE extra)",
    "null_uuid": "{row}.rowid IS NOT NULL AND {row}.key IS NULL",
    "malformed_uuid": "typeof({row}.key) = 'text'",
    "ambiguous_time": f"{{row}}.doubt & {AMBIGUOUS}",
    "nonexistent_time": f"{{row}}.doubt & {NONEXISTENT}",
    "unknown_status": (
        f"{{row}}.status NOT IN {_KNOWN} AND upper(trim({{row}}.status)) NOT IN {_KNOWN}"
    ),
    "end_before_start": "{row}.end < {row}.start",
}
_OF_A_PAIR = {
    "negative_transit": "e.end < i.start",
    "failed_then_success": (
        "i.status <> 'SUCCESS' AND upper(trim(i.status)) IN ('FAILED', 'TIMEOUT') "
        "AND upper(trim(e.status)) = 'SUCCESS'"
    ),
    "filename_differs": "i.filename <> e.filename",
}


def _checks() -> tuple[QualityCheck, ...]:
    named = [
        (kind, side, sql.format(row=side[0], side=side))
        for kind, sql in _OF_A_ROW.items()
        for side in ("ingress", "egress")
    ] + [(kind, "both", sql) for kind, sql in _OF_A_PAIR.items()]
    return tuple(QualityCheck(kind, side, 1 << n, sql) for n, (kind, side, sql) in enumerate(named))


CHECKS = _checks()

BITS = " + ".join(f"CASE WHEN {check.sql} THEN {check.bit} ELSE 0 END" for check in CHECKS)
"""An SQL expression: the bits of all checks that a pair fails."""
