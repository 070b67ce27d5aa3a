"""The whole number of senders at any time, from stages of it (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor

from .pieces import Piece
from .stages import Stages


def levels(stages: Stages) -> Iterator[tuple[int, int]]:
    """Yield each change of the number, rounded down, as time and new number, from time 0 on."""
    last, start = None, 0
    for piece in stages.pieces:
        for time, level in _changes(piece):
            if level != last:
                last = level
                yield start + time, level
        start += piece.length


def fewest(stages: Stages) -> int:
    """Return the lowest number at any time."""
    return floor(min(min(piece.first, piece.last) for piece in stages.pieces))


def _changes(piece: Piece) -> Iterator[tuple[int, int]]:
    """Yield the number at the beginning of a piece, and each change within it."""
    length, first, last = piece
    yield 0, floor(first)
    times: Iterator[tuple[int, int]] = iter(())
    if last > first:  # it is reached exactly
        reached = range(floor(first) + 1, ceil(last))
        times = ((ceil((level - first) * length / (last - first)), level) for level in reached)
    elif last < first:  # it is undercut
        left = range(floor(first), floor(last), -1)
        times = (
            (floor((first - level) * length / (first - last)) + 1, level - 1) for level in left
        )
    yield from ((time, level) for time, level in times if time < length)
