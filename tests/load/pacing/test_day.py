"""Day profiles, also where the clocks are changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from itertools import count, takewhile

import pytest

from fthg.clock import SECOND
from fthg.load.pacing import Span
from fthg.load.pacing.day import DayProfile

from .profiles import DAY, HOUR, MINUTE, profile, utc

BERLIN = "Europe/Berlin"
OFFICE = {"00:00": "20/hour", "08:00": "300/hour", "mon-fri 18:00": "60/hour"}


def begins(pacer: DayProfile, until: int) -> list[tuple[str, int]]:
    """Each period: the wall time of its beginning, and its stage."""
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    return [
        (
            (epoch + timedelta(microseconds=(pacer.start + span.start) // 1000))
            .astimezone(pacer.zone)
            .strftime("%a %H:%M"),
            span.stage,
        )
        for span in pacer.spans(until)
    ]


def counts(pacer: DayProfile, *times: int) -> list[int]:
    """Count arrivals between times, by asking for each of them."""
    found = list(takewhile(lambda due: due < times[-1], map(pacer.due, count())))
    return [sum(low <= due < high for due in found) for low, high in zip(times, times[1:])]


def test_it_says_what_it_is() -> None:
    pacer = profile(OFFICE, BERLIN)
    assert pacer.text == "day profile of 3 entries, Europe/Berlin"
    assert pacer.stages == ["00:00: 20/hour", "08:00: 300/hour", "mon-fri 18:00: 60/hour"]
    assert pacer.end is None
    assert profile({"8:00": "5/s"}).text == "day profile of 1 entry, UTC"


def test_an_entry_is_in_force_until_the_next_one_over_midnight_and_weekends() -> None:
    pacer = profile(
        {"mon-fri 08:00": "300/hour", "mon-fri 18:00": "60/hour"}, BERLIN, "2026-11-26T12:00"
    )
    assert begins(pacer, 132 * HOUR) == [
        ("Thu 12:00", 0), ("Thu 18:00", 1), ("Fri 08:00", 0), ("Fri 18:00", 1),
        ("Mon 08:00", 0), ("Mon 18:00", 1), ("Tue 08:00", 0), ("Tue 18:00", 1),
    ]  # fmt: skip
    assert counts(pacer, 0, 6 * HOUR, 20 * HOUR, 30 * HOUR, 92 * HOUR) == [1800, 840, 3000, 3720]


def test_an_entry_with_days_goes_before_one_without() -> None:
    pacer = profile(
        {"00:00": "1/hour", "08:00": "10/hour", "sat 08:00": "2/hour"}, start="2026-11-27T00:00"
    )
    assert begins(pacer, 3 * DAY) == [
        ("Fri 00:00", 0), ("Fri 08:00", 1), ("Sat 00:00", 0), ("Sat 08:00", 2), ("Sun 00:00", 0),
        ("Sun 08:00", 1),
    ]  # fmt: skip


def test_the_last_entry_of_the_week_is_in_force_before_the_first() -> None:
    pacer = profile({"wed 12:00": "1/s", "sun 12:00": "2/s"}, start="2026-11-23T00:00")
    assert begins(pacer, 7 * DAY) == [("Mon 00:00", 1), ("Wed 12:00", 0), ("Sun 12:00", 1)]
    assert pacer.rate_at(0) == 2


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25)]
)
def test_a_day_has_as_many_files_as_it_has_hours(day: str, hours: int) -> None:
    pacer = profile({"00:00": "60/hour", "12:00": "60/hour"}, BERLIN, f"{day}T00:00")
    first, last = (span for span in pacer.spans(hours * HOUR))
    assert (first.end, last.end) == ((hours - 12) * HOUR, hours * HOUR)
    assert counts(pacer, 0, first.end, last.end) == [60 * (hours - 12), 720]


def test_an_entry_in_the_skipped_hour_begins_after_the_gap() -> None:
    pacer = profile(
        {"00:00": "60/hour", "02:00": "1/s", "02:30": "120/hour", "04:00": "2/s"},
        BERLIN,
        "2026-03-29T00:00",
    )
    assert begins(pacer, 4 * HOUR) == [("Sun 00:00", 0), ("Sun 03:00", 2), ("Sun 04:00", 3)]
    assert counts(pacer, 0, 2 * HOUR, 3 * HOUR, 3 * HOUR + MINUTE) == [120, 120, 120]


def test_an_entry_in_the_repeated_hour_begins_at_its_first_pass() -> None:
    pacer = profile(
        {"00:00": "60/hour", "02:30": "120/hour", "03:00": "1/s"}, BERLIN, "2026-10-25T00:00"
    )
    assert list(pacer.spans(5 * HOUR)) == [
        Span(0, 0, 150 * MINUTE), Span(1, 150 * MINUTE, 4 * HOUR), Span(2, 4 * HOUR, 5 * HOUR),
    ]  # fmt: skip
    assert counts(pacer, 0, 150 * MINUTE, 4 * HOUR) == [150, 180]


def test_half_an_hour_of_summer_time_is_half_an_hour() -> None:
    pacer = profile({"00:00": "60/hour"}, "Australia/Lord_Howe", "2026-10-04T00:00")
    tomorrow = utc("2026-10-05T00:00", "Australia/Lord_Howe") - pacer.start
    assert pacer.arrivals(tomorrow) == 60 * 23.5


def test_a_job_may_begin_in_the_second_pass_of_the_repeated_hour() -> None:
    pacer = profile({"02:00": "1/s", "02:45": "2/s"}, BERLIN).at(utc("2026-10-25T01:30"))
    # 02:45 was in the first pass.
    assert begins(pacer, DAY) == [("Sun 02:30", 1), ("Mon 02:00", 0)]


def test_fractions_carry_over_a_pause_and_arrivals_follow_it() -> None:
    pacer = profile({"00:00": "0/s", "06:00": "7/10h", "18:00": "0/s"}, start="2026-11-26T03:00")
    assert pacer.has_target
    assert (pacer.rate_at(0), pacer.rate_at(3 * HOUR)) == (Fraction(0), Fraction(7, 36_000))
    assert pacer.due(0) == 3 * HOUR  # not in the pause
    first, second, third = (pacer.arrivals(time) for time in (15 * HOUR, 27 * HOUR, 39 * HOUR))
    assert (first, second, third) == (9, 9, 17)  # 8.4 and 16.8, and the one at the beginning
    assert pacer.due(8) < 15 * HOUR
    assert pacer.due(9) == 27 * HOUR + 6 * 10 * HOUR // 70
    assert pacer.seconds(9) == Fraction(pacer.due(9), SECOND).limit_denominator(7)


def test_a_pause_after_the_last_arrival_is_not_time_that_it_stands_for() -> None:
    pacer = profile({"06:00": "10/hour", "18:00": "0/s"}, start="2026-11-26T06:00")
    assert pacer.due(120) == DAY
    assert pacer.seconds(120) == 12 * 3600
    assert pacer.mean_rate(12 * HOUR) == Fraction(10, 3600)


def test_seven_an_hour_are_seven_in_each_hour_of_a_year() -> None:
    pacer = profile({"00:00": "7/hour", "mon-fri 12:00": "7/hour"}, BERLIN, "2026-01-01T00:00")
    for hour in range(0, 365 * 24, 100):
        assert pacer.arrivals((hour + 1) * HOUR) - pacer.arrivals(hour * HOUR) == 7
    assert pacer.arrivals(365 * DAY) == 365 * 24 * 7
    assert pacer.due(365 * 24 * 7) == 365 * DAY


@pytest.mark.parametrize(("minutes", "entry"), [(479, 0), (480, 1), (1079, 1), (1080, 2)])
def test_the_target_is_that_of_the_entry_in_force(minutes: int, entry: int) -> None:
    pacer = profile(OFFICE, BERLIN, "2026-11-26T00:00")
    rates = [Fraction(rate, 3600) for rate in (20, 300, 60)]
    assert pacer.rate_at(minutes * MINUTE) == rates[entry]


def test_without_a_moment_it_begins_on_a_monday() -> None:
    assert begins(profile({"mon 00:00": "1/s", "tue 00:00": "2/s"}), 2 * DAY) == [
        ("Mon 00:00", 0), ("Tue 00:00", 1)
    ]  # fmt: skip


@pytest.mark.parametrize("until", [200 * 365 * DAY, 10**15 * DAY])
def test_centuries_are_counted_at_once(until: int) -> None:
    pacer = profile({"00:00": "7/hour", "08:00": "7/hour"}, BERLIN, "2026-01-01T00:00")
    assert pacer.arrivals(until) == until // HOUR * 7
    assert pacer.due(until // HOUR * 7) == until


def test_a_profile_of_many_entries_is_the_sum_of_its_periods() -> None:
    entries: Mapping[str, str] = {f"{hour:02}:00": f"{1 + hour}/hour" for hour in range(24)}
    pacer = profile(entries, BERLIN, "2026-11-23T00:00")
    assert pacer.arrivals(7 * DAY) == 7 * 300
    assert pacer.due_between(DAY + HOUR // 2, DAY + 3 * HOUR // 2) == Fraction(3, 2)
