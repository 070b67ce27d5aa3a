from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from fthg.zones import zone_to_show

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
