"""Sort results by their ends (pure).

Several workers write to one file, each twice a second, and slices of one run have a file each. The
result is the same as that of one file whose lines are sorted by end, job and seq.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush, heappushpop, heapreplace
from typing import NamedTuple

from ..clock import SECOND
from .recorded import Recorded

WINDOW = 10 * SECOND
"""The most by which a line may come after its place, in nanoseconds of the ends."""

HELD = 50_000
"""The largest number of results that are held back, in all files together."""

_LEAST = 20  # may be held back of each file in any case

Place = tuple[int, str, int]


class Source(NamedTuple):
    """One file's results, and a moment before which none of them ended."""

    first: int
    results: Iterable[Recorded]


def merged(sources: Iterable[Source], most: int = HELD) -> Iterator[Recorded]:
    """Yield the results of all files in order, each file's by `in_order`.

    A file is read from when its first moment is reached: those of earlier or later runs hold no
    results back meanwhile.
    """
    room = Room(most)
    waiting = deque(sorted(sources, key=lambda source: source.first))
    heads: list[tuple[Place, int, Recorded, Iterator[Recorded]]] = []  # the next of each file
    while waiting or heads:
        while waiting and (not heads or waiting[0].first <= heads[0][0][0]):
            rest = in_order(waiting.popleft().results, room)
            for found in rest:
                heappush(heads, (place(found), len(waiting), found, rest))
                break
        if heads:
            _, number, found, rest = heads[0]
            yield found
            following = next(rest, None)
            if following is None:
                heappop(heads)
            else:
                heapreplace(heads, (place(following), number, following, rest))


class Room:
    """The number of further results that may be held back."""

    def __init__(self, left: int = HELD) -> None:
        self.left = left


def in_order(found: Iterable[Recorded], room: Room) -> Iterator[Recorded]:
    """Yield all results in order: by their ends, or by their due times where they have none.

    One that is more than WINDOW behind its place is yielded late, or by more lines than there is
    room for.
    """
    held: list[tuple[Place, int, Recorded]] = []
    latest = 0
    for number, one in enumerate(found):
        item = place(one), number, one  # by number where places are equal
        latest = max(latest, item[0][0])
        if room.left <= 0 and len(held) >= _LEAST:
            yield heappushpop(held, item)[2]
        else:
            heappush(held, item)
            room.left -= 1
        while held[0][0][0] < latest - WINDOW:
            room.left += 1
            yield heappop(held)[2]
    while held:
        room.left += 1
        yield heappop(held)[2]


def place(found: Recorded) -> Place:
    """Return the key by which results are sorted."""
    result = found.result
    return (result.due if result.end is None else result.end), result.job, result.seq
