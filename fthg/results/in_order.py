"""Sort results by their ends: several workers write to one file, each twice a second (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush, heappushpop

from ..clock import SECOND
from ..transfer import Result
from .read import Recorded

WINDOW = 2 * SECOND
"""The most by which a line may come after its place, in nanoseconds of the ends."""

HELD = 10_000
"""The largest number of results that are held back."""


def in_order(found: Iterable[Recorded]) -> Iterator[Recorded]:
    """Yield all results by their ends, or by their due times where they have none.

    A result that is more than WINDOW, or HELD lines, behind its place is yielded late.
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
