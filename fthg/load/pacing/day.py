"""A day profile: rates by the hour and the day of the week, in a zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timezone, tzinfo
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import Any, Optional

import voluptuous as vol

from ...clock import SECOND
from ...config import values
from ...config.schema import WrongKey
from ...zones import LOCAL, zone_to_show
from .entries import Entry, read_rate, read_time, weekly
from .mappings import is_mapping_of
from .pacer import Pacer, Span
from .weeks import Weeks

_SOME_MONDAY = 1_704_067_200 * SECOND
"""Monday the 1st of January 2024, 00:00 UTC."""


@dataclass(frozen=True)
class DayProfile(Pacer):
    """Rates that change at times of the day, each in force until the next one, for ever.

    Arrivals are due as with stages. Its zone and the time 0 place it: `at` gives that of a run, and
    steps of the host's clock after that change nothing. Without `at` time 0 is some Monday in UTC.
    """

    entries: tuple[Entry, ...]
    zone: tzinfo = timezone.utc
    zone_name: str = "UTC"
    start: int = _SOME_MONDAY  # the moment of time 0, in nanoseconds since 1970
    is_local: bool = False  # True: the zone is the host's, which may be another on each

    @classmethod
    def read(cls, value: Any) -> Optional[DayProfile]:
        """Read `{day: {"08:00": 300/hour, "mon-fri 18:00": 60/hour}, zone: Europe/Berlin}`."""
        if not is_mapping_of("day", value):
            return None
        read = _SCHEMA(value)
        zone, name = read["zone"]
        is_local = str(value.get("zone", LOCAL)).strip() == LOCAL
        return cls(read["day"], zone, name, is_local=is_local)

    @property
    def text(self) -> str:  # type: ignore[override]
        """The number of entries, and the zone."""
        number = len(self.entries)
        return f"day profile of {number} {'entry' if number == 1 else 'entries'}, {self.zone_name}"

    @property
    def stages(self) -> Sequence[str]:  # type: ignore[override]
        """The entries as they were given."""
        return [f"{entry.key}: {entry.text}" for entry in self.entries]

    @property
    def has_target(self) -> bool:
        """True, also in a pause."""
        return True

    def at(self, utc: int) -> DayProfile:
        """Return the profile of a job whose time 0 is this moment, in nanoseconds since 1970."""
        return replace(self, start=utc)

    def due(self, arrival: int) -> int:
        """Return when this arrival is due, rounded down."""
        return self._weeks.latest(arrival * self._weeks.unit)

    def moment(self, amount: Fraction) -> int:
        """Return the latest moment at which the integral of the rate is no more than that."""
        return self._weeks.latest(amount.numerator * self._weeks.unit // amount.denominator)

    def rate_at(self, time: int) -> Fraction:
        """Return the target in files a second; 0 in a pause."""
        return Fraction(self._weeks.speed(max(0, time)) * SECOND, self._weeks.unit)

    def arrivals(self, until: int) -> int:
        """Return how many arrivals are due before `until`."""
        return -(-self._weeks.amount(max(0, until)) // self._weeks.unit)

    def due_between(self, since: int, until: int) -> Fraction:
        """Return how many arrivals the target has in [since, until)."""
        first, last = (self._weeks.amount(max(0, time)) for time in (since, until))
        return Fraction(last - first, self._weeks.unit)

    def seconds(self, arrivals: int) -> Fraction:
        """Return the time that the first `arrivals` stand for, without a pause after it."""
        if arrivals <= 0:
            return Fraction(0)
        amount = arrivals * self._weeks.unit
        before = self._weeks.latest(amount - 1)
        left = amount - self._weeks.amount(before)
        return (before + Fraction(left, self._weeks.speed(before))) / SECOND

    def spans(self, until: int) -> Iterator[Span]:
        """Yield the periods of its entries from 0 on; the last one is cut at `until`."""
        for entry, periods in groupby(self._weeks.periods(until), key=lambda period: period[0]):
            found = list(periods)  # it may follow itself
            yield Span(entry, found[0][1], found[-1][2])

    @cached_property
    def _weeks(self) -> Weeks:
        return Weeks(weekly(self.entries), self.zone, self.start)


def _entries(value: Any) -> tuple[Entry, ...]:
    if not isinstance(value, dict):
        raise vol.Invalid('must be a mapping of times and rates, as in {"08:00": 300/hour}')
    entries, errors = list[Entry](), list[vol.Invalid]()
    # The first days of {sat,sun 08:00: 5/s} are a key without a value, for YAML.
    for key in getattr(value, "nulls", ()):
        try:
            read_time(key)
        except ValueError as error:
            errors.append(WrongKey(str(error), [key]))
    for key, given in value.items():
        try:
            entries.append(_entry(key, given, entries))
        except vol.Invalid as error:
            errors.append(error)
    if errors:
        raise vol.MultipleInvalid(errors)
    if not entries:
        raise vol.Invalid('has no entry; write one as "08:00": 300/hour')
    if not any(change.rate for change in weekly(entries)):
        raise vol.Invalid("every entry is a pause; one of them must send files")
    return tuple(entries)


def _entry(key: str, given: Any, others: Sequence[Entry]) -> Entry:
    try:
        days, minute = read_time(key)
    except ValueError as error:
        raise WrongKey(str(error), [key]) from None
    try:
        text = " ".join(values.text(given).split())
        entry = Entry(str(key), days, minute, read_rate(text), text)
    except ValueError as error:
        raise vol.Invalid(str(error), [key]) from None
    for other in others:
        if entry.clash(other):
            raise WrongKey(f"the entry {other.key!r} is for the same time", [key])
    return entry


def _zone(value: Any) -> tuple[tzinfo, str]:
    try:
        return zone_to_show(values.filled(value))
    except ValueError as error:
        raise vol.Invalid(str(error)) from None


_SCHEMA = vol.Schema({vol.Required("day"): _entries, vol.Optional("zone", default=LOCAL): _zone})
