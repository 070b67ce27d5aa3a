"""UUIDs that would match if one side had written their bytes in another order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Optional

from .ledger import OTHER, Ledger
from .outcomes import Outcome
from .plan import TrackPlan

_SAMPLE = 1000
"""Rows without a partner that are looked up on the other side, of each side."""


class Order(NamedTuple):
    """An order of a UUID's 16 bytes, with the functions that make and undo it."""

    name: str
    make: Callable[[bytes], bytes]
    undo: Callable[[bytes], bytes]
    remedy: str


ORDERS = (
    Order(
        "with the time parts swapped, as UUID_TO_BIN(x, 1) writes them",
        lambda key: key[6:8] + key[4:6] + key[:4] + key[8:],
        lambda key: key[4:8] + key[2:4] + key[:2] + key[8:],
        "a view that selects BIN_TO_UUID({column}, 1)",
    ),
    Order(
        "with the first three parts reversed, as GUIDs in bytes are",
        lambda key: key[3::-1] + key[5:3:-1] + key[7:5:-1] + key[8:],
        lambda key: key[3::-1] + key[5:3:-1] + key[7:5:-1] + key[8:],
        "a view that selects the bytes of {column} in order",
    ),
)


def find_other_order(ledger: Ledger, plan: TrackPlan) -> Optional[str]:
    """Return how many rows without a partner would match in another order, and what to do."""
    columns = {side.name: side.columns[0].name for side in (plan.ingress, plan.egress)}
    for side, other in OTHER.items():
        keys = _sample(ledger, side)
        for order in ORDERS:
            for odd, change in ((other, order.make), (side, order.undo)):
                if found := _count(ledger, other, map(change, keys)):
                    return (
                        f"{found:,} of {len(keys):,} UUIDs at {side} would match at {other} "
                        f"{order.name}; give {odd} as its table: "
                        f"{order.remedy.format(column=columns[odd])}"
                    )
    return None


def _sample(ledger: Ledger, side: str) -> list[bytes]:
    """Return UUIDs of a side that have no partner."""
    return ledger.column(
        f"SELECT key FROM transfer t JOIN {side} r ON r.rowid = t.{side[0]} "  # noqa: S608
        f"WHERE t.result = {Outcome.UNPAIRED:d} AND typeof(key) = 'blob' LIMIT {_SAMPLE}"
    )


def _count(ledger: Ledger, side: str, keys: Iterable[bytes]) -> int:
    """Return how many of the keys a side has."""
    literals = ", ".join(f"x'{key.hex()}'" for key in keys)
    found: int = ledger.column(
        f"SELECT count(DISTINCT key) FROM {side} WHERE key IN ({literals})"  # noqa: S608
    )[0]
    return found
