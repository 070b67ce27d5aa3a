"""Standstills of fthg: times of a second or more in which its loop did not turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

LISTED = 1000
"""The most standstills of a run that are kept, the longest."""

Slices = Mapping[str, tuple[int, int]]
"""The arrivals of one of several processes, by job: (part, of) has every n with n mod of = part."""


class Standstill(NamedTuple):
    """One standstill; `start` is a reading of the run's clock, or UTC where it was read back."""

    start: int
    length: int  # nanoseconds, those in which the host was suspended included
    dropped: int  # arrivals that fell due meanwhile and were not sent
    cause: str  # as far as known, for people

    @property
    def end(self) -> int:
        """The first turn of the loop after it."""
        return self.start + self.length

    def overlaps(self, start: int, end: int) -> bool:
        """Return True if a transfer of the process that stood still fell into it.

        It begins with the last beat of a timer before it: what ended soon after that ended before
        the loop stood still, because nothing ended meanwhile.
        """
        return self.start + self.length // 2 <= end and start <= self.end


def joined(found: Iterable[Standstill]) -> Sequence[Standstill]:
    """Return standstills by start, overlapping ones of several processes as one.

    Its cause is that of the longest of them.
    """
    whole = [_as_one(some) for some in _overlapping(sorted(found))]
    return sorted(sorted(whole, key=_length, reverse=True)[:LISTED])


def _overlapping(ordered: Iterable[Standstill]) -> Iterator[Sequence[Standstill]]:
    some: list[Standstill] = []
    end = 0
    for one in ordered:
        if some and one.start > end:
            yield some
            some = []
        end = max(end, one.end) if some else one.end
        some.append(one)
    if some:
        yield some


def _as_one(some: Sequence[Standstill]) -> Standstill:
    start = some[0].start
    length = max(one.end for one in some) - start
    dropped = sum(one.dropped for one in some)
    return Standstill(start, length, dropped, max(some, key=_length).cause)


def _length(standstill: Standstill) -> int:
    return standstill.length
