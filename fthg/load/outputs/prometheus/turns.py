"""A long computation in pieces, between which everything else has its turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from ....clock import SECOND, Clock, run_loop_once

_AT_ONCE = SECOND // 500  # too short to delay a transfer; a turn may take as long

T = TypeVar("T")


def in_turns(pieces: Iterable[T], clock: Clock) -> Iterator[T]:
    """Yield the pieces; after each 2 ms that making them took the loop has a turn."""
    until = clock.now() + _AT_ONCE
    for piece in pieces:
        yield piece
        if clock.now() >= until:
            run_loop_once()
            until = clock.now() + _AT_ONCE
