"""The text of a start moment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Optional

import pytest

from fthg.load.start_moment import start_moment, why_it_differs

NOW = datetime(2026, 11, 26, 1, 0, 0, 250_000, timezone.utc)
TWO = 1_795_658_400_000_000_000


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("2026-11-26T02:00:00Z", TWO),
        ("2026-11-26T03:00:00+01:00", TWO),
        (" 2026-11-26 02:00:00.123456789Z ", TWO + 123_456_789),
        ("1795658400", TWO),
        ("1795658400.000000001", TWO + 1),
        ("1795658400.5", TWO + 500_000_000),
        ("now+1h", TWO + 250_000_000),
        ("now+30s", TWO - 3570 * 10**9 + 250_000_000),
    ],
)
def test_it_is_read_to_the_nanosecond(text: str, nanoseconds: int) -> None:
    assert start_moment(text, NOW) == nanoseconds


def test_without_a_zone_it_is_in_that_of_the_host() -> None:
    local = datetime(2026, 11, 26, 2).astimezone(timezone.utc)
    expected = (local - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(seconds=1)
    assert start_moment("2026-11-26T02:00:00", NOW) == expected * 10**9


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z", "now+", "1e9", "02:00"])
def test_anything_else_is_an_error_that_shows_how_it_is_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"write it as .*Unix seconds"):
        start_moment(text, NOW)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1795658400123", "1795658400.123"),
        ("1795658400123456", "1795658400.123456"),
        ("1795658400123456789", "1795658400.123456789"),
    ],
)
def test_of_finer_units_than_seconds_the_error_shows_the_seconds(text: str, seconds: str) -> None:
    with pytest.raises(ValueError, match=rf"write it as {seconds}$"):
        start_moment(text, NOW)
    assert start_moment(seconds, NOW) == int(text.ljust(19, "0"))


@pytest.fixture
def _berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as changed:
        changed.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_berlin")
def test_a_time_that_no_clock_of_the_host_shows_is_an_error() -> None:
    for text in ("2027-03-28T02:30:00", "20270328T0200", "2027-03-28 02:59:59.9"):
        with pytest.raises(ValueError, match="does not exist in the zone of this host"):
            start_moment(text, NOW)
    one = start_moment("2027-03-28T00:59:59Z", NOW)
    assert start_moment("2027-03-28T01:59:59", NOW) == one
    assert start_moment("2027-03-28T03:00:00", NOW) == one + 10**9
    assert start_moment("2027-03-28T02:30:00+01:00", NOW) == one + 1801 * 10**9


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("now+30s", "a time from now on"),
        (" NOW", "a time from now on"),
        ("+30s", "a time from now on"),
        ("-5s", "a time from now on"),
        ("today", "a time from now on"),
        ("2026-11-26", "without a zone"),
        ("2026-11-26T02:00:00", "without a zone"),
        ("20261126T020000.5", "without a zone"),
        ("2026-11-26T02:00:00Z", None),
        ("2026-11-26 02:00 +01:00", None),
        ("20261126T020000-05", None),
        ("1795658400", None),
        ("1795658400.5", None),
    ],
)
def test_what_may_be_another_moment_on_each_machine_is_told(text: str, why: Optional[str]) -> None:
    found = why_it_differs(text)
    assert found is None if why is None else (found or "").startswith(why)
