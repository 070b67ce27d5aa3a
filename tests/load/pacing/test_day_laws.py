"""The laws of day profiles, in zones with all kinds of summer time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from fthg.load.pacing.day import DayProfile
from fthg.load.pacing.entries import DAYS, Entry
from fthg.text import in_zone
from fthg.zones import named_zone

from .laws import obeys_the_laws
from .profiles import DAY, profile, utc

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
STARTS = tuple(
    utc(day) for day in ("2026-03-05", "2026-03-27", "2026-04-02", "2026-10-01", "2026-10-23")
)

times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
days = st.sampled_from(["", *DAYS, "mon-fri", "sat,sun", "fri-mon"])
rates = st.sampled_from(["0/s", "7/hour", "60/hour", "1/s", "11/7s"])


def distinct(entries: Mapping[str, str]) -> Mapping[str, str]:
    """Return the entries without those that another one of them clashes with."""
    kept = dict[str, str]()
    for key, rate in entries.items():
        minute = key[-5:]
        if not any(other != key and other.endswith(minute) for other in kept):
            kept[key] = rate
    return kept


profiles = (
    st.dictionaries(st.builds(lambda day, time: f"{day} {time}".strip(), days, times), rates)
    .map(distinct)
    .filter(lambda entries: any(rate != "0/s" for rate in entries.values()))
)
pacers = st.builds(
    lambda entries, zone, start, after: profile(entries, zone).at(start + after),
    profiles,
    st.sampled_from(ZONES),
    st.sampled_from(STARTS),
    st.integers(0, 7 * DAY),
)


@given(pacers, st.integers(0, 10**6), st.integers(-5, 400 * DAY))
def test_counts_agree_with_due_times(pacer: DayProfile, arrival: int, until: int) -> None:
    obeys_the_laws(pacer, arrival, until)


@given(pacers, st.integers(1, 30 * DAY))
def test_periods_follow_one_another_without_gap_or_overlap(pacer: DayProfile, until: int) -> None:
    spans = list(pacer.spans(until))
    assert spans[0].start == 0
    assert spans[-1].end == until
    assert [span.start for span in spans[1:]] == [span.end for span in spans[:-1]]
    assert all(span.start < span.end for span in spans)
    assert all(one.stage != other.stage for one, other in zip(spans, spans[1:]))


@given(pacers, st.integers(1, 30 * DAY))
def test_the_count_of_a_period_is_that_of_its_integral(pacer: DayProfile, until: int) -> None:
    total = Fraction(0)
    for span in pacer.spans(until):
        rate = pacer.entries[span.stage].rate
        assert pacer.rate_at(span.start) == pacer.rate_at(span.end - 1) == rate
        after = total + rate * (span.end - span.start) / 10**9
        assert pacer.arrivals(span.end) - pacer.arrivals(span.start) == -(-after // 1) - -(
            -total // 1
        )
        assert pacer.due_between(0, span.end) == after
        total = after


@given(pacers, st.integers(1, 30 * DAY))
def test_a_period_begins_when_the_clocks_show_the_time_of_its_entry_or_skip_it(
    pacer: DayProfile, until: int
) -> None:
    for span in islice(pacer.spans(until), 1, None):
        entry = pacer.entries[span.stage]
        now, before = (wall(pacer, span.start - one) for one in (0, 1))
        if now - before < timedelta(minutes=1):
            assert shows(entry, now)
        else:  # a gap
            minutes = range(round((now - before) / timedelta(minutes=1)) + 1)
            assert any(shows(entry, now - timedelta(minutes=minute)) for minute in minutes)


def wall(pacer: DayProfile, time: int) -> datetime:
    """Return what the clocks of a profile show, to the microsecond."""
    return in_zone(pacer.start + time, pacer.zone).replace(tzinfo=None, fold=0)


def shows(entry: Entry, moment: datetime) -> bool:
    """Return True if an entry is for the time of a clock."""
    minute = moment.hour * 60 + moment.minute
    return (
        minute == entry.minute
        and not moment.second
        and moment.weekday() in (entry.days or range(7))
    )


@given(pacers, st.fractions(0, 10**6))
def test_the_moment_of_an_amount_is_the_latest_at_which_there_was_no_more(
    pacer: DayProfile, amount: Fraction
) -> None:
    moment = pacer.moment(amount)
    assert pacer.due_between(0, moment) <= amount < pacer.due_between(0, moment + 1)


@given(st.sampled_from(ZONES), st.integers(0, 364))
def test_each_day_has_as_many_files_as_its_hours(zone: str, day: int) -> None:
    first = datetime(2026, 1, 1) + timedelta(days=day)
    start, end = (
        round(moment.replace(tzinfo=named_zone(zone)).timestamp()) * 10**9
        for moment in (first, first + timedelta(days=1))
    )
    pacer = profile({"00:00": "60/hour", "08:00": "60/hour", "sat 12:00": "60/hour"}, zone)
    assert pacer.at(start).arrivals(end - start) == (end - start) // (60 * 10**9)
