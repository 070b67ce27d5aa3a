from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.report import axes
from fthg.report.axes import DAY, HOUR, MINUTE, SECOND
from tests.track.page.examples import START


@given(top=st.integers(0, 10**9))
def test_a_count_axis_holds_the_highest_count_in_a_few_whole_steps(top: int) -> None:
    axis = axes.count_axis(top)
    assert axis.low == 0
    assert axis.high >= max(top, 1)
    assert 2 <= len(axis.ticks) <= 6
    assert all(float(tick.label.replace(",", "")).is_integer() for tick in axis.ticks)


@given(low=st.integers(-(10**12), 10**14), high=st.integers(0, 10**14))
def test_a_duration_axis_holds_zero_and_all_values(low: int, high: int) -> None:
    low = min(low, high)
    axis = axes.duration_axis(low, high)
    assert axis.low <= min(low, 0)
    assert axis.high >= max(high, 0)
    assert 2 <= len(axis.ticks) <= 7
    assert "0" in [tick.label for tick in axis.ticks]


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
    found = [tick.label for tick in axes.time_axis(START, START + span).ticks]
    assert [label for label in found if label in labels] == labels
    assert len(found) <= 10


def test_midnight_stands_out_among_hours() -> None:
    ticks = axes.time_axis(START, START + 24 * HOUR).ticks
    assert [tick.label for tick in ticks if tick.strong] == ["9 Nov"]


@given(
    start=st.integers(0, 4 * 10**15),
    span=st.integers(1, 10**16),
    wanted=st.integers(3, 10),
)
def test_time_ticks_are_few_in_order_and_within(start: int, span: int, wanted: int) -> None:
    ticks = axes.time_axis(start, start + span, wanted).ticks
    places = [tick.at for tick in ticks]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)
    assert len(ticks) <= 2 * wanted + 1


def test_inner_ticks_are_round_where_the_ends_are_not() -> None:
    labels = [tick.label for tick in axes.inner_ticks(569_123, 5 * SECOND + 17).ticks]
    assert labels == ["1s", "2s", "3s", "4s", "5s"]
    assert axes.inner_ticks(7, 7).high == 8


def test_a_scale_too_fine_for_its_labels_has_no_label_twice() -> None:
    assert [tick.label for tick in axes.inner_ticks(2_151_000, 2_151_040).ticks] == ["2.15s"]


def test_minutes_are_labelled_as_minutes() -> None:
    assert [tick.label for tick in axes.duration_axis(0, 4 * MINUTE).ticks] == [
        "0", "1m 00s", "2m 00s", "3m 00s", "4m 00s",
    ]  # fmt: skip


@given(places=st.lists(st.integers(0, 200), min_size=1, max_size=4))
def test_labels_are_moved_apart_in_their_order(places: list[int]) -> None:
    moved = axes.apart(places, 15, 0, 200)
    ordered = sorted(moved)
    assert all(b - a >= 15 - 1e-6 for a, b in zip(ordered, ordered[1:]))
    assert all(-1e-6 <= place <= 200 + 1e-6 for place in moved)
    order = sorted(range(len(places)), key=lambda n: places[n])
    assert [moved[n] for n in order] == ordered
