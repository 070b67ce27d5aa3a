from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from fthg.clock import SECOND
from fthg.load.pacing import instants
from fthg.load.pacing.instants import instant
from fthg.text import iso_micros

NOON = 1_769_868_000 * SECOND  # 2026-01-31T14:00:00Z


@pytest.fixture
def _berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    instants._minute.cache_clear()
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
    instants._minute.cache_clear()


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("2026-01-31T14:00:00Z", 0),
        ("2026-01-31 14:00:00z", 0),
        ("2026-01-31T14:00Z", 0),
        ("2026-01-31T14Z", 0),
        ("20260131T140001Z", SECOND),
        ("2026-01-31T14:00:00.1Z", SECOND // 10),
        ("2026-01-31T14:00:00,123456789Z", 123_456_789),
        ("2026-01-31T14:00:59.999999999+00:00", 60 * SECOND - 1),
        ("2026-01-31T15:30:00+01:30", 0),
        ("2026-01-31T09:00:00 -0500", 0),
        ("1769868000", 0),
        ("1769868000.000000001", 1),
        ("1769868000.5", SECOND // 2),
    ],
)
def test_moments_are_iso_8601_or_unix_seconds_to_the_nanosecond(text: str, after: int) -> None:
    assert instant(text) == NOON + after


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-31T15:00:00.25", NOON + SECOND // 4),
        ("2026-07-01T02:00:00", 1_782_864_000 * SECOND),
        ("2026-10-25T02:30:00", 1_792_888_200 * SECOND),  # its first pass
    ],
)
@pytest.mark.usefixtures("_berlin")
def test_without_a_zone_it_is_that_of_the_host(text: str, utc: int) -> None:
    assert instant(text) == utc


def test_a_time_of_fthg_itself_is_read() -> None:
    for utc in range(0, 10**18, 10**17 // 7 * 1000):
        assert instant(iso_micros(utc)) == utc


@pytest.mark.parametrize(
    "text",
    ["x", "-1", "1e9", "1769868000000", "1769868000.1234567890", "2026-02-30T14:00:00Z",
     "2026-01-31T24:00:00Z", "2026-01-31T14:00:60Z", "2026-01-31T14:00:00X", "now", "today",
     "31.01.2026", "2026-01-31T14:00:00Z x", "2026-01-31T14:60", "٢026-01-31T14:00Z"],
)  # fmt: skip
def test_what_is_no_moment_is_an_error_that_shows_one(text: str) -> None:
    with pytest.raises(ValueError, match="2026-01-31T14:00"):
        instant(text)
