from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg import units


@pytest.mark.parametrize(
    ("text", "per_second"),
    [
        ("5/s", Fraction(5)),
        ("5 / s", Fraction(5)),
        (" 5\t/ S ", Fraction(5)),
        ("120/hour", Fraction(1, 30)),
        ("120/h", Fraction(1, 30)),
        ("120 files/hour", Fraction(1, 30)),
        ("120 files per hour", Fraction(1, 30)),
        ("1 file per minute", Fraction(1, 60)),
        ("7/hour", Fraction(7, 3600)),
        ("10/30s", Fraction(1, 3)),
        ("5 per 1h30m", Fraction(1, 1080)),
        ("1 every 30s", Fraction(1, 30)),
        ("every 30s", Fraction(1, 30)),
        ("every hour", Fraction(1, 3600)),
        ("0.5/s", Fraction(1, 2)),
        ("86401/day", Fraction(86401, 86400)),
        ("max", units.MAX_RATE),
    ],
)
def test_a_rate_is_exact(text: str, per_second: Optional[Fraction]) -> None:
    assert units.rate(text) == per_second


@pytest.mark.parametrize(
    "text",
    ["", "5", "0/s", "-1/s", "5/0s", "fast", "5/fortnight", "5/s/s", "max/s", "1,000/h", "٣/s"],
)
def test_a_rate_that_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 5/s"):
        units.rate(text)


@given(st.integers(1, 10**9), st.integers(1, 10**6), st.sampled_from(["s", "minutes", "h", "day"]))
def test_a_rate_times_its_period_is_its_count(count: int, number: int, unit: str) -> None:
    rate = units.rate(f"{count} files / {number}{unit}")
    assert rate is not None
    assert rate * units.exact_duration(f"{number} {unit}") == count


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("250ms", 0.25),
        ("30s", 30),
        ("5m", 300),
        ("2h", 7200),
        ("1d", 86_400),
        ("1w", 604_800),
        ("1h30m", 5400),
        ("1h 30 min", 5400),
        ("1.5 hours", 5400),
        ("10µs", 1e-5),
        ("10μs", 1e-5),
        ("10us", 1e-5),
        ("0", 0),
        (" 5M\t", 300),
    ],
)
def test_a_duration_is_seconds(text: str, seconds: float) -> None:
    assert units.duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "30", "1h30", "-5s", "s", "1,5s", "1e3s", "5 parsecs", "∞", "٣s", "9" * 400 + "d"]
)
def test_a_duration_that_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 250ms"):
        units.duration(text)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from("smhdw")), min_size=1))
def test_the_parts_of_a_duration_add_up(parts: list[tuple[int, str]]) -> None:
    whole = units.exact_duration("".join(f"{number}{unit}" for number, unit in parts))
    assert whole == sum(units.exact_duration(f"{number}{unit}") for number, unit in parts)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("512", 512),
        ("512 B", 512),
        ("64KiB", 65_536),
        ("64k", 65_536),
        ("10MB", 10_000_000),
        ("1.5 GiB", 1_610_612_736),
        ("2tb", 2_000_000_000_000),
    ],
)
def test_a_size_is_bytes(text: str, count: int) -> None:
    assert units.size(text) == count


@pytest.mark.parametrize("text", ["", "-1", "1 XB", "KiB", "1_000", "٣", "1e3"])
def test_a_size_that_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 512"):
        units.size(text)


NOW = datetime(2026, 11, 24, 7, 1, 2, 345678, timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("now", "2026-11-24T05:01:02.345678"),
        ("today", "2026-11-23T22:00:00"),
        ("yesterday", "2026-11-22T22:00:00"),
        ("now-2h", "2026-11-24T03:01:02.345678"),
        ("-2h", "2026-11-24T03:01:02.345678"),
        ("now + 30m", "2026-11-24T05:31:02.345678"),
        ("2026-01-31", "2026-01-30T22:00:00"),
        ("2026-01-31T14", "2026-01-31T12:00:00"),
        ("2026-01-31 14:00", "2026-01-31T12:00:00"),
        ("2026-01-31T14:00:00Z", "2026-01-31T14:00:00"),
        ("2026-01-31t14:00:00.5z", "2026-01-31T14:00:00.500000"),
        ("2026-01-31T14:00:00,123456789Z", "2026-01-31T14:00:00.123456"),
        ("2026-01-31T14:00:00+01:00", "2026-01-31T13:00:00"),
        ("2026-01-31T14:00:00 -0130", "2026-01-31T15:30:00"),
        ("20260131T140000Z", "2026-01-31T14:00:00"),
    ],
)
def test_a_moment_is_utc(text: str, utc: str) -> None:
    moment = units.moment(text, NOW)
    assert moment.tzinfo is timezone.utc
    assert moment.replace(tzinfo=None) == datetime.fromisoformat(utc)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13-01",
        "2026-02-30",
        "31.01.2026",
        "2026-01-31T25:00",
        "2026-01-31T14:00+99:00",
        "now-",
        "now-2",
        "-99999999999d",
        "-3000000d",
        "0001-01-01",
    ],
)
def test_a_moment_that_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 2026-01-31T14:00"):
        units.moment(text, NOW)


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(timezone.utc)))
def test_iso_text_gives_its_moment_back(moment: datetime) -> None:
    assert units.moment(moment.isoformat(), NOW) == moment


@contextmanager
def local_zone(name: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


def test_local_time_on_the_other_side_of_a_clock_change_has_the_offset_of_its_own_day() -> None:
    with local_zone("CET-1CEST,M3.5.0,M10.5.0/3"):
        now = datetime(2026, 11, 24, 12).astimezone()
        assert units.moment("2026-07-01T12:00", now).hour == 10
        assert units.moment("2026-12-01T12:00", now).hour == 11
        after = datetime(2026, 10, 26, 0, 30).astimezone()
        assert units.moment("yesterday", after) == datetime(2026, 10, 24, 22, tzinfo=timezone.utc)
        assert units.moment("now-24h", after) == after - timedelta(hours=24)


def test_now_in_utc_means_utc_even_where_the_local_zone_has_the_same_offset_today() -> None:
    with local_zone("GMT0BST,M3.5.0/1,M10.5.0"):
        now = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
        assert units.moment("2026-07-01T12:00", now).hour == 12


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (1e-9, "1ns"),
        (0.00085, "850µs"),
        (0.0009996, "999µs"),
        (0.0123, "12.3ms"),
        (0.9996, "999ms"),
        (0.1 + 0.7, "800ms"),
        (4.567, "4.56s"),
        (59.99, "59.9s"),
        (60, "1m 00s"),
        (90.9, "1m 30s"),
        (3599.9, "59m 59s"),
        (7500, "2h 05m"),
        (172_799, "47h 59m"),
        (273_600, "3d 04h"),
        (-0.5, "-500ms"),
        (float("nan"), "–"),
        (float("inf"), "–"),
    ],
)
def test_a_duration_is_shown_truncated_in_the_unit_that_suits(seconds: float, shown: str) -> None:
    assert units.show_duration(seconds) == shown


@given(st.floats(1e-8, 1e9))
def test_a_shown_duration_is_never_more_than_it_was_and_hardly_less(seconds: float) -> None:
    shown = units.show_duration(seconds)
    read = re.sub(r"(\d+(?:\.\d+)?)ns", lambda n: f"{float(n[1]) / 1000:.6f}us", shown)
    back = units.duration(read)
    assert 0.96 * seconds <= back <= seconds * (1 + 1e-8)
    assert len(shown) <= 10


@given(st.floats(0, 59, allow_subnormal=False), st.floats(0, 1, allow_subnormal=False))
def test_more_never_looks_like_less(seconds: float, more: float) -> None:
    def rank(value: float) -> float:
        shown = units.show_duration(value)
        factor = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m 00s": 60.0}
        number, unit = re.fullmatch(r"([0-9.]+)(.*)", shown).groups()  # type: ignore[union-attr]
        return float(number) * factor[unit]

    assert rank(seconds) <= rank(seconds + more) * (1 + 1e-12)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1023.6, "1023 B"),
        (1024, "1.0 KiB"),
        (1024**2 - 1, "1023.9 KiB"),
        (1024**2, "1.0 MiB"),
        (1.5 * 1024**3, "1.5 GiB"),
        (1024**5, "1.0 PiB"),
        (-2048, "-2.0 KiB"),
        (float("nan"), "–"),
    ],
)
def test_a_size_is_shown_truncated_in_the_unit_that_suits(count: float, shown: str) -> None:
    assert units.show_size(count) == shown


@given(st.integers(0, 1024**5 - 1))
def test_a_shown_size_is_never_more_than_it_was_and_hardly_less(count: int) -> None:
    back = units.size(units.show_size(count))
    assert 0.9 * count <= back <= count
    assert float(units.show_size(count).split()[0]) < 1024


@pytest.mark.parametrize(
    ("per_second", "shown"),
    [
        (0, "0/s"),
        (5, "5/s"),
        (999.6, "999/s"),
        (99.96, "99.9/s"),
        (0.9999, "59.9/min"),
        (1 / 60, "1/min"),
        (Fraction(120, 3600), "2/min"),
        (7 / 3600, "7/h"),
        (3 / 86_400, "3/d"),
        (0.5 / 86_400, "0.5/d"),
        (1e-9, "<0.01/d"),
        (-2, "-2/s"),
        (float("nan"), "–"),
    ],
)
def test_a_rate_is_shown_truncated_in_the_period_that_suits(per_second: float, shown: str) -> None:
    assert units.show_rate(per_second) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (5, 5, "100.00%"),
        (9_999_999, 10_000_000, "99.99%"),
        (1, 3, "33.33%"),
        (1, 10_000_000, "<0.01%"),
        (0, 5, "0.00%"),
        (0, 0, "–"),
    ],
)
def test_a_share_is_all_or_none_only_when_it_is(part: int, whole: int, shown: str) -> None:
    assert units.show_share(part, whole) == shown


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_only_all_is_shown_as_all(part: int, whole: int) -> None:
    part = min(part, whole)
    assert (units.show_share(part, whole) == "100.00%") == (part == whole)
    assert (units.show_share(part, whole) == "0.00%") == (part == 0)
