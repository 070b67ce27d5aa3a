"""Figures of rows that a test makes, without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Optional

from fthg.track.figures import Figures, State
from fthg.track.ledger import Ledger
from fthg.track.measure import measure
from fthg.track.plan import TrackPlan
from fthg.track.rows import RawRow
from fthg.track.side import Side
from fthg.track.uuids import Key

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
START = 1_767_225_600 * SECOND  # 2026-01-01T00:00Z, a Thursday

Pair = tuple[Optional[RawRow], Optional[RawRow]]


def row(
    key: Optional[Key],
    start: int,
    end: Optional[int],
    status: Optional[str] = "SUCCESS",
    name: Optional[str] = "a",
) -> RawRow:
    """Return a row; times in microseconds after START."""
    return RawRow(key, name, START + start, None if end is None else START + end, status)


def uuid(n: int) -> bytes:
    """Return the bytes of a UUID of version 4 that no other order of bytes equals."""
    return bytes.fromhex(f"{n:08x}a1b24c3d8e5f{n:012x}")


def pair(
    n: int, start: int, transit: int, status: Optional[str] = "SUCCESS", name: Optional[str] = "a"
) -> tuple[RawRow, RawRow]:
    """Return one transfer that takes a third of its transit time at ingress, a third at egress."""
    third = transit // 3
    return (
        row(uuid(n), start, start + third, name=name),
        row(uuid(n), start + 2 * third, start + transit, status, name),
    )


def figures(
    pairs: Sequence[Pair],
    end: int = DAY,
    now: Optional[int] = None,
    unindexed: Optional[Mapping[str, Sequence[str]]] = None,
    **plan: Any,
) -> Figures:
    """Return the figures of [START, START + end), as a report a day after the end has them."""
    sides = {"ingress": Side("ingress", "in", "u", "d"), "egress": Side("egress", "out", "u", "d")}
    made = TrackPlan(**{**sides, "start": START, "end": START + end, **plan})
    moment = START + (end + DAY if now is None else now)
    with closing(Ledger(made.start, made.end, made.grace)) as ledger:
        ledger.add("ingress", [ingress for ingress, _ in pairs if ingress])
        ledger.add("egress", [egress for _, egress in pairs if egress])
        ledger.pair(moment)
        return measure(made, ledger, moment, State.FINAL, unindexed or {})
