"""The wall clock of a zone, for the times of columns that have no zone.

All times are integer microseconds since 1970: of UTC, or as the wall clock of the zone showed them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple, Optional

from .tracked import SECOND

FIRST = -62_135_596_800 * SECOND
"""0001-01-01, the first time that can be shown."""
LAST = 253_402_300_800 * SECOND - 1
"""The last microsecond of 9999, the last time that can be shown."""

AMBIGUOUS, NONEXISTENT = 1, 2
"""The doubts about a wall time: the clock showed it twice, or never."""

_DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1)
_Offsets = tuple[Optional[timedelta], Optional[timedelta]]


class _Span(NamedTuple):
    """Wall times from `low` until `high` that are read in the same way."""

    low: int
    high: int
    offset: int  # to UTC
    doubt: int


class WallClock:
    """Wall times of one zone ↔ UTC, by the offsets of spans that are looked up once.

    A time that the clock showed twice is its first pass; one that it never showed has the offset
    before the gap.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._years: dict[int, list[_Span]] = {}

    def to_utc(self, walls: Iterable[Optional[int]]) -> tuple[list[Optional[int]], list[int]]:
        """Return the UTC time of each wall time, and the doubt about it; None stays None."""
        times: list[Optional[int]] = []
        doubts: list[int] = []
        low, high, offset, doubt = 0, 0, 0, 0
        for wall in walls:
            if wall is None:
                times.append(None)
                doubts.append(0)
                continue
            if not low <= wall < high:
                low, high, offset, doubt = self._span(wall)
            times.append(wall - offset)
            doubts.append(doubt)
        return times, doubts

    def cover(self, start: int, end: int) -> tuple[int, int]:
        """Return a span of wall times with all whose UTC time is in [start, end)."""
        return start + min(self._offsets_near(start)), end + max(self._offsets_near(end))

    def _offsets_near(self, utc: int) -> Iterator[int]:
        """Yield all offsets of the wall times that this time could have: no offset is a day."""
        wall = min(max(utc, FIRST + 2 * _DAY), LAST - 2 * _DAY)
        last = wall + _DAY
        wall -= _DAY
        while wall <= last:
            span = self._span(wall)
            yield span.offset
            wall = span.high

    def _span(self, wall: int) -> _Span:
        if not FIRST + _DAY <= wall <= LAST - _DAY:
            # "Never" is often the last moment of 9999, in all zones the same.
            return _Span(wall, wall + 1, wall - min(max(wall, FIRST), LAST), 0)
        year = _moment(wall).year
        spans = self._years.get(year)
        if spans is None:
            spans = self._years[year] = list(self._spans_of(year))
        return spans[bisect_right(spans, (wall, LAST)) - 1]

    def _spans_of(self, year: int) -> Iterator[_Span]:
        """Yield the spans of a year, searching for changes of the offset day by day."""
        low = at = _micros(datetime(year, 1, 1))
        end = _micros(datetime(year, 12, 31)) + _DAY
        offsets = self._offsets(low)
        while at < end:
            following = min(at + _DAY, end - SECOND)
            if self._offsets(following) == offsets:
                at = at + _DAY
                continue
            at = self._change(at, following)
            yield _as_span(low, at, offsets)
            low, offsets = at, self._offsets(at)
        yield _as_span(low, end, offsets)

    def _change(self, before: int, after: int) -> int:
        """Return the first second of this span whose offsets are not those of its start."""
        offsets = self._offsets(before)
        while after - before > SECOND:
            middle = (before + after) // 2 // SECOND * SECOND
            if self._offsets(middle) == offsets:
                before = middle
            else:
                after = middle
        return after

    def _offsets(self, wall: int) -> _Offsets:
        """Return the offsets before and after a change that this wall time is in; else the same."""
        moment = _moment(wall)
        return self._zone.utcoffset(moment), self._zone.utcoffset(moment.replace(fold=1))


def _as_span(low: int, high: int, offsets: _Offsets) -> _Span:
    before, after = (offset or timedelta() for offset in offsets)
    doubt = AMBIGUOUS if before > after else NONEXISTENT if before < after else 0
    return _Span(low, high, before // timedelta(microseconds=1), doubt)


def _moment(wall: int) -> datetime:
    return _EPOCH + timedelta(microseconds=wall)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
