"""Paired ledgers with transfers that a test makes up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Optional, Union

from fthg.track.csv_file import write_lines
from fthg.track.ledger import Ledger
from fthg.track.ledger_file import open_to_read
from fthg.track.outcomes import RESULTS
from fthg.track.tracked import Row, SentFile, Tracked
from fthg.track.uuids import key_of

_SIDE = (
    "INSERT INTO {side} (rowid, key, filename, start, end, status, doubt) "
    "VALUES (:n, :uuid, :filename, :start, :end, :status, 0)"
)
_SENT = (
    "INSERT INTO sent (rowid, job, name, size, start, end, outcome, error) "
    "VALUES (:n, :job, :name, :size, :start, :end, :outcome, :error)"
)
_TRANSFER = "INSERT INTO transfer VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?)"


def in_order(transfers: Iterable[Tracked]) -> Sequence[Tracked]:
    """Return transfers in the order of a ledger: those that did not pass first."""

    def place(one: Tracked) -> tuple[int, bool, int]:
        return RESULTS.index(one.result), one.start is not None, one.start or 0

    return sorted(transfers, key=place)


def ledger_of(transfers: Sequence[Tracked]) -> Ledger:
    """Return a ledger that holds these transfers, with these results."""
    ledger = Ledger(0, 1, 0)
    ledger.pair(0)
    for n, transfer in enumerate(transfers):
        for side in ("ingress", "egress"):
            row: Optional[Row] = getattr(transfer, side)
            if row:
                values = {**_storable(row), "n": n, "uuid": key_of(_stored(row.uuid))}
                ledger.query(_SIDE.format(side=side), **values)
        if transfer.sent:
            ledger.query(_SENT, n=n, **_storable(transfer.sent))
        ledger.change(_TRANSFER, [_pair(n, transfer)])
    return ledger


def write_csv(transfers: Sequence[Tracked], path: Path, sent: bool = False) -> None:
    """Write the CSV of a ledger that holds these transfers."""
    with (
        closing(ledger_of(transfers)) as ledger,
        closing(open_to_read(ledger.path)) as db,
        open(path, "w", encoding="utf-8", newline="") as file,
    ):
        write_lines(db, file, sent)


def _pair(n: int, transfer: Tracked) -> tuple[Optional[int], ...]:
    ingress, egress, sent = transfer.ingress, transfer.egress, transfer.sent
    return (
        *(None if part is None else n for part in (ingress, egress, sent)),
        transfer.start,
        *((ingress.start, ingress.end) if ingress else (None, None)),
        *((egress.start, egress.end) if egress else (None, None)),
        RESULTS.index(transfer.result),
    )


def _storable(row: Union[Row, SentFile]) -> dict[str, Any]:
    return {name: _stored(value) for name, value in row._asdict().items()}


def _stored(value: Any) -> Any:
    """Replace surrogates, which no database can hold."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
