"""The entries of a day profile: text → one weekly list (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from ... import units
from ...text import did_you_mean
from .weeks import Change

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = 24 * 60
_KEY = re.compile(r"(?:(.*\S)\s+)?([0-9]{1,2}):([0-9]{2})")
_HINT = "write it as 08:00, mon 08:00, mon-fri 08:00 or sat,sun 08:00, between quotes"


class Entry(NamedTuple):
    """A time of the day, and the rate from then on."""

    key: str  # as it was given
    days: frozenset[int]  # 0 is Monday; none: all days
    minute: int  # of the day
    rate: Fraction  # a second, 0 or more
    text: str  # of the rate

    def clash(self, other: Entry) -> bool:
        """Return True if both are for the same time."""
        if self.minute != other.minute or bool(self.days) != bool(other.days):
            return False
        return not self.days or bool(self.days & other.days)


def read_time(key: str) -> tuple[frozenset[int], int]:
    """Return the days and the minute of `mon-fri 18:00`; ValueError says what would be right."""
    found = _KEY.fullmatch(" ".join(key.lower().split()))
    if not found:
        raise ValueError(f"{key!r} is not a time of the day; {_HINT}")
    days, hour, minute = found.groups()
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"{key!r}: a day has the times 00:00 to 23:59")
    return frozenset(_days(days) if days else ()), int(hour) * 60 + int(minute)


def _days(text: str) -> set[int]:
    found = set[int]()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        begin = _day(first)
        length = (_day(last) - begin) % 7 if dash else 0
        found.update((begin + after) % 7 for after in range(length + 1))
    return found


def _day(text: str) -> int:
    name = text.strip()
    if name not in DAYS:
        raise ValueError(f"{name!r} is not a day{did_you_mean(name, DAYS)}; {_HINT}")
    return DAYS.index(name)


def read_rate(text: str) -> Fraction:
    """Return files a second, 0 of `0/s`; ValueError says what would be right."""
    words = " ".join(text.lower().split())
    if words == "max" or words.startswith("to "):
        raise ValueError(
            f"{text!r}: a day profile has neither max nor ramps; write it as 300/hour, or 0/s"
        )
    rate = units.rate(words, pauses=True)
    assert rate is not None  # noqa: S101 - only max has none
    return rate


def weekly(entries: Sequence[Entry]) -> Sequence[Change]:
    """Return the changes of a week; at equal times an entry with days goes before one without."""
    found = dict[int, Change]()
    for number, entry in sorted(enumerate(entries), key=lambda one: bool(one[1].days)):
        for day in entry.days or range(7):
            minute = day * _DAY + entry.minute
            found[minute] = Change(minute, number, entry.rate)
    return [found[minute] for minute in sorted(found)]
