from __future__ import annotations

from fractions import Fraction

import pytest

from fthg.load.pacing.entries import Entry, read_rate, read_time, weekly

DAY = 24 * 60


def entry(key: str, rate: int) -> Entry:
    return Entry(key, *read_time(key), Fraction(rate), f"{rate}/s")


@pytest.mark.parametrize(
    ("key", "days", "minute"),
    [
        ("00:00", set(), 0),
        ("8:00", set(), 480),
        (" 23:59 ", set(), DAY - 1),
        ("mon 08:00", {0}, 480),
        ("Mon-Fri  18:30", {0, 1, 2, 3, 4}, 1110),
        ("fri-mon 18:00", {4, 5, 6, 0}, 1080),
        ("sat,sun 08:00", {5, 6}, 480),
        ("mon, wed-fri 08:00", {0, 2, 3, 4}, 480),
        ("sun-sun 08:00", {6}, 480),
    ],
)
def test_a_time_may_have_days_before_it(key: str, days: set[int], minute: int) -> None:
    assert read_time(key) == (frozenset(days), minute)


@pytest.mark.parametrize(
    "key", ["", "8", "24:00", "8:5", "08:60", "08:00:00", "mon", "monday 08:00", "mon- 08:00",
            "mon,,tue 08:00", "0٣:00", "-08:00", "08:00 mon"]
)  # fmt: skip
def test_what_is_no_time_is_an_error_that_shows_one(key: str) -> None:
    with pytest.raises(ValueError, match=r"08:00|23:59"):
        read_time(key)


def test_the_error_of_an_unknown_day_has_a_suggestion() -> None:
    with pytest.raises(ValueError, match="'monday' is not a day; did you mean 'mon'"):
        read_time("monday 08:00")


@pytest.mark.parametrize(
    ("text", "rate"),
    [("5/s", 5), ("300/hour", Fraction(1, 12)), ("0/s", 0), ("0.0 files per hour", 0)],
)
def test_a_rate_may_be_nothing(text: str, rate: Fraction) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["max", "to 300/hour", "To 5/s", "0", "0/x", "0s", "-1/s", "fast"])
def test_a_rate_is_constant(text: str) -> None:
    with pytest.raises(ValueError, match="write it as"):
        read_rate(text)


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("08:00", "8:00", True),
        ("mon 08:00", "08:00", False),
        ("mon-fri 08:00", "fri 8:00", True),
        ("mon-fri 08:00", "sat,sun 08:00", False),
        ("fri-mon 08:00", "sun 08:00", True),
        ("mon 08:00", "mon 08:01", False),
    ],
)
def test_two_entries_clash_if_both_have_days_or_neither(one: str, other: str, clash: bool) -> None:
    assert entry(one, 1).clash(entry(other, 1)) == entry(other, 1).clash(entry(one, 1)) == clash


def test_at_equal_times_an_entry_with_days_goes_before_one_without() -> None:
    for order in (("sat,sun 08:00", "08:00"), ("08:00", "sat,sun 08:00")):
        entries = [entry(key, 1 + len(key)) for key in order]
        changes = weekly(entries)
        assert [change.minute for change in changes] == [day * DAY + 480 for day in range(7)]
        keys = [order[change.entry] for change in changes]
        assert keys == ["08:00"] * 5 + ["sat,sun 08:00"] * 2
        assert [change.rate for change in changes] == [1 + len(key) for key in keys]
