from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fthg.zones import first_shown, named_zone, offset_or_zone, transitions, zone_to_show

SUMMER_ENDS = datetime(2026, 10, 25, 1, tzinfo=timezone.utc)  # in Berlin


@pytest.fixture
def _set_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    monkeypatch.undo()
    time.tzset()


def _local(monkeypatch: pytest.MonkeyPatch, variable: str) -> tuple[str, list[str]]:
    monkeypatch.setenv("TZ", variable)
    time.tzset()
    zone, name = zone_to_show("local")
    hours = [SUMMER_ENDS + timedelta(hours=n) for n in (-2, -1, 0, 1)]
    return name, [hour.astimezone(zone).strftime("%H:%M%z") for hour in hours]


BERLIN = ["01:00+0200", "02:00+0200", "02:00+0100", "03:00+0100"]


@pytest.mark.usefixtures("_set_zone")
@pytest.mark.parametrize(
    ("variable", "name", "hours"),
    [
        ("Europe/Berlin", "Europe/Berlin", BERLIN),
        (":Europe/Berlin", "Europe/Berlin", BERLIN),
        ("/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin", BERLIN),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "local time", BERLIN),
        ("Etc/UTC", "UTC", ["23:00+0000", "00:00+0000", "01:00+0000", "02:00+0000"]),
        ("UTC", "UTC", ["23:00+0000", "00:00+0000", "01:00+0000", "02:00+0000"]),
        ("", "UTC", ["23:00+0000", "00:00+0000", "01:00+0000", "02:00+0000"]),
    ],
)
def test_local_is_the_zone_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, variable: str, name: str, hours: list[str]
) -> None:
    assert _local(monkeypatch, variable) == (name, hours)


def test_without_that_it_is_the_zone_of_the_host(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/America/New_York")
    assert zone_to_show("local", str(link))[1] == "America/New_York"
    assert zone_to_show("local", str(tmp_path / "none"))[1] == "UTC"


def test_a_zone_has_its_name() -> None:
    zone, name = zone_to_show(" Australia/Lord_Howe ")
    assert name == "Australia/Lord_Howe"
    assert SUMMER_ENDS.astimezone(zone).strftime("%H:%M%z") == "12:00+1100"
    assert zone_to_show("utc") == (timezone.utc, "UTC")


@pytest.mark.parametrize("name", ["Europe/Berln", "", "..", "/etc/passwd", "Europe"])
def test_what_is_no_zone_is_said(name: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        zone_to_show(name)


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


@pytest.mark.parametrize("name", ["UTC", "utc", "Z", "GMT"])
def test_utc_needs_no_zone_files(name: str) -> None:
    assert named_zone(name) is timezone.utc
    assert offset_or_zone(name) is timezone.utc


def test_a_zone_has_an_iana_name() -> None:
    assert named_zone("Australia/Lord_Howe") == ZoneInfo("Australia/Lord_Howe")
    assert offset_or_zone("Europe/Berlin") == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "hours"), [("+01:00", 1), ("-3:30", -3.5), ("+00:00", 0), ("+05:45", 5.75)]
)
def test_a_zone_may_be_an_offset(text: str, hours: float) -> None:
    assert offset_or_zone(text).utcoffset(None) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text",
    ["", "Europe", "Europe/Atlantis", "/etc/passwd", "+1", "+01:60", "+24:00", "01:00", "x\0"],
)
def test_what_is_no_zone_is_said_with_what_would_be_right(text: str) -> None:
    with pytest.raises(ValueError, match="Europe/Berlin"):
        offset_or_zone(text)


@pytest.mark.parametrize(
    ("name", "wall", "shown"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 1, 59), (2026, 3, 29, 0, 59)),
        ("Europe/Berlin", datetime(2026, 3, 29, 2), (2026, 3, 29, 1)),  # skipped
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 45), (2026, 3, 29, 1)),
        ("Europe/Berlin", datetime(2026, 3, 29, 3), (2026, 3, 29, 1)),
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 30), (2026, 10, 25, 0, 30)),  # repeated
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), (2026, 10, 3, 15, 30)),
        ("Pacific/Apia", datetime(2011, 12, 30, 12), (2011, 12, 30, 10)),  # a whole day
        ("UTC", datetime(2026, 3, 29, 2), (2026, 3, 29, 2)),
    ],
)
def test_a_time_is_first_shown_or_skipped(
    name: str, wall: datetime, shown: tuple[int, ...]
) -> None:
    assert first_shown(wall, named_zone(name)) == utc(*shown)


@pytest.mark.usefixtures("_set_zone")
def test_a_time_is_first_shown_in_a_zone_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    _local(monkeypatch, "CET-1CEST,M3.5.0,M10.5.0/3")
    zone, _ = zone_to_show("local")
    for wall in (datetime(2026, 3, 29, 2, 45), datetime(2026, 10, 25, 2, 30)):
        assert first_shown(wall, zone) == first_shown(wall, named_zone("Europe/Berlin"))
