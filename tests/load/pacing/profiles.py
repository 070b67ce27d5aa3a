"""Day profiles for tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fthg.clock import SECOND
from fthg.config.tree import Section, Text
from fthg.load.pacing import PACERS
from fthg.load.pacing.day import DayProfile
from fthg.zones import named_zone

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def mapping(**items: object) -> Section:
    """Return a value of `rate:` as a file has it."""
    return Section(
        {
            Text(name): Text(value) if isinstance(value, str) else value
            for name, value in items.items()
        }
    )


def profile(entries: Mapping[str, str], zone: str = "UTC", start: str = "") -> DayProfile:
    """Return a profile whose time 0 is a time that the clocks of its zone show, if one is given."""
    day = Section({Text(key): Text(rate) for key, rate in entries.items()})
    found = PACERS["day"].read(mapping(day=day, zone=zone))
    assert isinstance(found, DayProfile)
    return found.at(utc(start, zone)) if start else found


def utc(wall: str, zone: str = "UTC") -> int:
    """Return the nanoseconds since 1970 of an ISO time."""
    return round(datetime.fromisoformat(wall).replace(tzinfo=named_zone(zone)).timestamp()) * SECOND
