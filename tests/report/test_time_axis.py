from __future__ import annotations

from datetime import datetime, timezone, tzinfo
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.report.axes import DAY, HOUR, SECOND
from fthg.report.labels import WIDTHS, clear
from fthg.report.time_axis import time_axis
from fthg.zones import named_zone
from tests.track.page.examples import START

BERLIN = named_zone("Europe/Berlin")
ZONES = [
    named_zone(name)
    for name in ("UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut")
]


def utc(year: int, month: int, day: int, hour: int = 0, zone: tzinfo = timezone.utc) -> int:
    return int(datetime(year, month, day, hour, tzinfo=zone).timestamp()) * SECOND


def labels(start: int, end: int, zone: tzinfo, ticks: int = 9) -> list[str]:
    return [tick.label for tick in time_axis(start, end, ticks, zone).ticks]


@pytest.mark.parametrize(
    ("span", "labels"),
    [
        (4 * SECOND, ["16:00:00", "16:00:01", "16:00:02", "16:00:03", "16:00:04"]),
        (2 * HOUR, ["16:00", "16:15", "16:30", "16:45", "17:00", "17:15", "17:30", "17:45"]),
        (24 * HOUR, ["18:00", "21:00", "9 Nov", "03:00", "06:00", "09:00", "12:00", "15:00"]),
        (7 * DAY, ["9 Nov", "10 Nov", "11 Nov", "12 Nov", "13 Nov", "14 Nov", "15 Nov"]),
        (60 * DAY, ["9 Nov", "23 Nov", "7 Dec", "21 Dec", "4 Jan"]),
        (300 * DAY, ["Jan 2027", "Mar 2027", "May 2027", "Jul 2027", "Sep 2027"]),
        (3650 * DAY, ["2028", "2030", "2032", "2034", "2036"]),
    ],
)
def test_time_labels_are_as_fine_as_the_period_is_short(span: int, labels: list[str]) -> None:
    found = [tick.label for tick in time_axis(START, START + span).ticks]
    assert [label for label in found if label in labels] == labels
    assert len(found) <= 10


def test_midnight_stands_out_among_hours() -> None:
    ticks = time_axis(START, START + 24 * HOUR).ticks
    assert [tick.label for tick in ticks if tick.strong] == ["9 Nov"]


@given(
    start=st.integers(0, 4 * 10**15),
    span=st.integers(1, 10**16),
    wanted=st.integers(3, 10),
    zone=st.sampled_from(ZONES),
)
def test_time_ticks_are_few_in_order_within_and_apart(
    start: int, span: int, wanted: int, zone: tzinfo
) -> None:
    ticks = time_axis(start, start + span, wanted, zone).ticks
    places = [tick.at for tick in ticks]
    assert all(one < other for one, other in zip(places, places[1:]))
    assert all(0 <= place <= 1 for place in places)
    assert len(ticks) <= 2 * wanted + 2
    for level, width in enumerate(WIDTHS):
        assert clear([tick for tick in ticks if tick.label and tick.level <= level], width)
    for _, day in groupby(ticks, lambda tick: sum(t.strong for t in ticks if t.at <= tick.at)):
        names = [tick.label for tick in day if tick.label]
        assert len(set(names)) == len(names)


def test_days_begin_at_midnight_of_the_zone() -> None:
    start = utc(2026, 11, 8, zone=BERLIN)
    axis = time_axis(start, start + DAY, 9, BERLIN)
    assert [tick.label for tick in axis.ticks] == [
        "8 Nov", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "9 Nov",
    ]  # fmt: skip
    assert [tick.at for tick in axis.ticks] == pytest.approx([n / 8 for n in range(9)])


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25)])
def test_a_day_with_a_change_of_the_clocks_is_shorter_or_longer(
    month: int, day: int, hours: int
) -> None:
    start, end = utc(2026, month, day, zone=BERLIN), utc(2026, month, day + 1, zone=BERLIN)
    assert end - start == hours * HOUR
    axis = time_axis(start, end, 9, BERLIN)
    names = [tick.label for tick in axis.ticks]
    assert names[1:-1] == ["03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]
    third = 2 * HOUR if hours == 23 else 4 * HOUR
    assert axis.ticks[1].at == pytest.approx(third / (end - start))


def test_the_repeated_hour_has_two_ticks_with_different_labels() -> None:
    start = utc(2026, 10, 25)
    assert labels(start, start + 2 * HOUR, BERLIN, 4) == [
        "02:00 CEST", "02:30 CEST", "02:00 CET", "02:30 CET", "03:00",
    ]  # fmt: skip


def test_weeks_begin_on_mondays_on_both_sides_of_a_change() -> None:
    start = utc(2026, 10, 5, zone=BERLIN)
    assert labels(start, start + 56 * DAY, BERLIN, 9) == [
        "5 Oct", "12 Oct", "19 Oct", "26 Oct", "2 Nov", "9 Nov", "16 Nov", "23 Nov",
    ]  # fmt: skip


def test_a_day_whose_midnight_is_skipped_begins_with_the_change() -> None:
    beirut = named_zone("Asia/Beirut")
    start = utc(2026, 3, 28, 12)
    found = labels(start, start + 24 * HOUR, beirut)
    assert found.count("29 Mar") == 1
    assert labels(start, start + 8 * DAY, beirut)[:3] == ["29 Mar", "30 Mar", "31 Mar"]


def test_a_day_whose_midnight_comes_twice_begins_once() -> None:
    havana = named_zone("America/Havana")
    start = utc(2026, 10, 30, 12)
    assert labels(start, start + 5 * DAY, havana)[:4] == ["31 Oct", "1 Nov", "2 Nov", "3 Nov"]


def test_months_begin_at_midnight_of_the_zone() -> None:
    axis = time_axis(utc(2026, 1, 15), utc(2026, 12, 15), 9, BERLIN)
    months = {tick.label: round(axis.low + tick.at * (axis.high - axis.low)) for tick in axis.ticks}
    assert months["Mar 2026"] == utc(2026, 3, 1, zone=BERLIN)
    assert months["Sep 2026"] == utc(2026, 9, 1, zone=BERLIN)
