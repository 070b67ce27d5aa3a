from __future__ import annotations

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from fthg.zones import named_zone, offset_or_zone


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
