"""Results in the order of their ends, though several workers wrote them by turns (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush, heappushpop

from ..clock import SECOND
from ..transfer import Result
from .read import Recorded

WINDOW = 2 * SECOND
"""How far a line may stand behind its place: workers write twice a second."""

HELD = 10_000
"""Results that are held back at most."""


def in_order(found: Iterable[Recorded]) -> Iterator[Recorded]:
    """Yield all by their ends, or by when they were due where they have none.

    One that stands more than WINDOW, or HELD lines, behind its place comes late.
    """
    held: list[tuple[int, int, Recorded]] = []
    latest = 0
    for number, one in enumerate(found):
        end = _end(one.result)
        latest = max(latest, end)
        item = end, number, one  # by number where ends are equal
        if len(held) >= HELD:
            yield heappushpop(held, item)[2]
        else:
            heappush(held, item)
        while held[0][0] < latest - WINDOW:
            yield heappop(held)[2]
    while held:
        yield heappop(held)[2]


def _end(result: Result) -> int:
    return result.due if result.end is None else result.end
