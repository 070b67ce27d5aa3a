"""What makes data doubtful: conditions on a pair of ledger rows, each one bit of a transfer."""

from __future__ import annotations

from typing import NamedTuple


class Condition(NamedTuple):
    """One kind of doubtful data on one side; `sql` speaks of the rows `i` and `e`."""

    kind: str  # of figures.QUALITY
    side: str  # ingress, egress or both
    bit: int
    sql: str


_KNOWN = "('SUCCESS', 'FAILED', 'TIMEOUT')"
_OF_A_ROW = {
    "duplicate_uuid": "{row}.key IN (SELECT key FROM {side} WHERE extra)",
    "null_uuid": "{row}.rowid IS NOT NULL AND {row}.key IS NULL",
    "malformed_uuid": "typeof({row}.key) = 'text'",
    "unknown_status": (
        f"{{row}}.status NOT IN {_KNOWN} AND upper(trim({{row}}.status)) NOT IN {_KNOWN}"
    ),
    "end_before_start": "{row}.end < {row}.start",
}
_OF_A_PAIR = {
    "negative_transit": "e.end < i.start",
    "filename_differs": "i.filename <> e.filename",
}


def _conditions() -> tuple[Condition, ...]:
    named = [
        (kind, side, sql.format(row=side[0], side=side))
        for kind, sql in _OF_A_ROW.items()
        for side in ("ingress", "egress")
    ] + [(kind, "both", sql) for kind, sql in _OF_A_PAIR.items()]
    return tuple(Condition(kind, side, 1 << n, sql) for n, (kind, side, sql) in enumerate(named))


CONDITIONS = _conditions()

BITS = " + ".join(f"CASE WHEN {found.sql} THEN {found.bit} ELSE 0 END" for found in CONDITIONS)
"""An SQL expression: the bits of all conditions that a pair meets."""
