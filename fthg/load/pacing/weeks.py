"""The exact integral of rates that change at times of the week, week by week (pure)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta, tzinfo
from fractions import Fraction
from itertools import accumulate
from math import lcm
from typing import NamedTuple

from ...clock import SECOND
from ...text import in_zone
from ...zones import first_shown

MINUTE = 60 * SECOND
WEEK = 7 * 24 * 60 * MINUTE

_CENTURY = 5218
"""Weeks after which no clock changes are expected: the next million years are computed at once."""


class Change(NamedTuple):
    """A time of the week from which on an entry is in force."""

    minute: int  # since Monday 00:00
    entry: int
    rate: Fraction  # a second, 0 or more


class _Week(NamedTuple):
    """One week: the times of its changes, and the integral until each.

    The first of them is its beginning, with the entry that was in force before.
    """

    starts: Sequence[int]  # nanoseconds after its beginning
    before: Sequence[int]  # units; the last one is those of the whole week


class Weeks:
    """Rates over all weeks in a zone. Times are nanoseconds after a moment, amounts are units.

    `unit` of them are one arrival, so that every amount is a whole number.
    """

    def __init__(self, changes: Sequence[Change], zone: tzinfo, moment: int) -> None:
        """Begin at a moment, in nanoseconds since 1970."""
        denominator = lcm(*(change.rate.denominator for change in changes))
        self.unit = SECOND * denominator
        self._minutes = [change.minute for change in changes]
        in_force = [changes[-1], *changes]
        self._entries = [change.entry for change in in_force]
        self._speeds = [int(change.rate * denominator) for change in in_force]  # units a nanosecond
        self._zone = zone
        self._moment = moment
        today = datetime.combine(in_zone(moment, zone).date(), time())
        self._monday = today - timedelta(days=today.weekday())
        self._regular = self._week([0, *(minute * MINUTE for minute in self._minutes)], WEEK)
        self._irregular: dict[int, _Week] = {}  # by number: those with a change of the clocks
        self._begins = [self._begin(0)]
        self._before = [0]
        origin = self.amount(0)
        self._before = [before - origin for before in self._before]

    def amount(self, time: int) -> int:
        """Return the integral from 0 to a time."""
        begin, before, week = self._nth(self._number(self._begins, time, WEEK))
        at = bisect_right(week.starts, time - begin) - 1
        return before + week.before[at] + (time - begin - week.starts[at]) * self._speeds[at]

    def latest(self, amount: int) -> int:
        """Return the latest time at which the integral is no more than that, rounded down."""
        total = self._regular.before[-1]
        begin, before, week = self._nth(self._number(self._before, amount, total))
        at = bisect_right(week.before, amount - before) - 1
        return begin + week.starts[at] + (amount - before - week.before[at]) // self._speeds[at]

    def speed(self, time: int) -> int:
        """Return the rate at a time, in units a nanosecond."""
        begin, _, week = self._nth(self._number(self._begins, time, WEEK))
        return self._speeds[bisect_right(week.starts, time - begin) - 1]

    def periods(self, until: int) -> Iterator[tuple[int, int, int]]:
        """Yield each entry in force between 0 and a time, with its start and end, in order."""
        number = self._number(self._begins, 0, WEEK)
        begin, _, week = self._nth(number)
        while begin < until:
            number += 1
            following = self._nth(number)
            starts = [begin + start for start in week.starts]
            ends = [*starts[1:], following[0]]
            for entry, start, end in zip(self._entries, starts, ends):
                if max(0, start) < min(end, until):
                    yield entry, max(0, start), min(end, until)
            begin, _, week = following

    def _number(self, known: Sequence[int], value: int, step: int) -> int:
        """Return which week a time or an amount lies in; `known` are those at its beginning."""
        while known[-1] <= value and len(known) < _CENTURY:
            self._add_week()
        if known[-1] <= value:
            return len(known) - 1 + (value - known[-1]) // step
        return bisect_right(known, value) - 1

    def _nth(self, number: int) -> tuple[int, int, _Week]:
        """Return the beginning of a week, the amount before it, and the week."""
        while len(self._begins) < min(number + 2, _CENTURY):  # with the end of this week
            self._add_week()
        after = max(0, number - len(self._begins) + 1)
        known = number - after
        return (
            self._begins[known] + after * WEEK,
            self._before[known] + after * self._regular.before[-1],
            self._irregular.get(number, self._regular),
        )

    def _add_week(self) -> None:
        """Compute the week whose beginning is the last one known, and so the next beginning."""
        number = len(self._begins) - 1
        begin, end = self._begins[-1], self._begin(number + 1)
        week = self._regular
        if end - begin != WEEK:
            starts = [self._time(number, minute) - begin for minute in self._minutes]
            week = self._irregular[number] = self._week([0, *starts], end - begin)
        self._begins.append(end)
        self._before.append(self._before[-1] + week.before[-1])

    def _week(self, starts: Sequence[int], length: int) -> _Week:
        ends = [*starts[1:], length]
        amounts = ((end - start) * speed for start, end, speed in zip(starts, ends, self._speeds))
        return _Week(starts, list(accumulate(amounts, initial=0)))

    def _begin(self, number: int) -> int:
        return self._time(number, 0)

    def _time(self, number: int, minute: int) -> int:
        """Return when the clocks show a time of a week, counted from that of the moment."""
        wall = self._monday + timedelta(days=7 * number, minutes=minute)
        return first_shown(wall, self._zone) * 1000 - self._moment
