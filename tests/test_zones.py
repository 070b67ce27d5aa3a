from __future__ import annotations

from datetime import datetime, timezone, tzinfo

import pytest

from fthg.zones import named_zone, transitions

SECOND = 1_000_000


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    moment = datetime(year, month, day, hour, minute, tzinfo=timezone.utc)
    return int(moment.timestamp()) * SECOND


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("Europe/Berlin", [(utc(2026, 3, 29, 1), 7200), (utc(2026, 10, 25, 1), 3600)]),
        ("America/New_York", [(utc(2026, 3, 8, 7), -14_400), (utc(2026, 11, 1, 6), -18_000)]),
        (
            "Australia/Lord_Howe",
            [(utc(2026, 4, 4, 15), 37_800), (utc(2026, 10, 3, 15, 30), 39_600)],
        ),
        ("Asia/Kolkata", []),
        ("UTC", []),
    ],
)
def test_the_changes_of_the_clocks_within_a_year_are_found(
    name: str, changes: list[tuple[int, int]]
) -> None:
    start, *found = transitions(named_zone(name), utc(2026, 1, 1), utc(2027, 1, 1))
    assert start[0] == utc(2026, 1, 1)
    assert found == changes


@pytest.mark.parametrize("zone", [timezone.utc, named_zone("Europe/Berlin")])
def test_a_time_that_no_calendar_holds_has_an_offset(zone: tzinfo) -> None:
    assert len(transitions(zone, 2**62, 2**62 + SECOND)) == 1
