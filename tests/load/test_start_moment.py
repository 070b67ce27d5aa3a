"""The text of a start moment."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from fthg.load.start_moment import start_moment

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
