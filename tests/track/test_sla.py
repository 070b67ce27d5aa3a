"""The promised time by hour and day, in zones that change their clocks."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from fractions import Fraction
from itertools import chain
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.track.figures import Figures, Sla, SlaStep
from fthg.zones import named_zone

from .ledgers import DAY, HOUR, MINUTE, SECOND, START, figures, pair, row, uuid

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def _micros(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


def _sla(found: Figures) -> Sla:
    assert found.sla
    return found.sla


def _every(width: int, start: str, end: str, zone: str) -> Sla:
    """Return the figures of a transfer every `width`, which takes a second."""
    first, last = _micros(start), _micros(end)
    pairs = [pair(n, at - START, SECOND) for n, at in enumerate(range(first, last, width))]
    return _sla(
        figures(
            pairs, start=first, end=last - START, zone=named_zone(zone), sla=SECOND,
            now=last - START + DAY,
        )
    )  # fmt: skip


def _lengths(sla: Sla) -> list[float]:
    return [(step.end - step.start) / HOUR for step in sla.steps]


@pytest.mark.parametrize(
    ("start", "end", "zone", "hours"),
    [
        ("2026-03-27T23:00+00:00", "2026-04-01T22:00+00:00", "Europe/Berlin", [24, 23, 24, 24, 24]),
        ("2026-10-23T22:00+00:00", "2026-10-27T23:00+00:00", "Europe/Berlin", [24, 25, 24, 24]),
        ("2026-03-07T05:00+00:00", "2026-03-11T04:00+00:00", "America/New_York", [24, 23, 24, 24]),
        ("2026-10-31T04:00+00:00", "2026-11-04T05:00+00:00", "America/New_York", [24, 25, 24, 24]),
        (
            "2026-04-03T13:00+00:00",
            "2026-04-07T13:30+00:00",
            "Australia/Lord_Howe",
            [24, 24.5, 24, 24],
        ),
        # At midnight there is no midnight: Cairo's clocks go from 23:59 to 01:00.
        ("2026-04-22T22:00+00:00", "2026-04-26T21:00+00:00", "Africa/Cairo", [24, 23, 24, 24]),
        # Havana has midnight twice.
        ("2026-10-31T04:00+00:00", "2026-11-04T05:00+00:00", "America/Havana", [24, 25, 24, 24]),
        ("2026-11-01T04:00+00:00", "2026-11-04T05:00+00:00", "America/Havana", [25, 24, 24]),
        # Apia left out a day.
        ("2011-12-28T10:00+00:00", "2012-01-01T10:00+00:00", "Pacific/Apia", [24, 24, 24, 24]),
    ],
)
def test_a_day_is_from_midnight_to_midnight_whatever_the_clocks_do(
    start: str, end: str, zone: str, hours: list[float]
) -> None:
    sla = _every(30 * MINUTE, start, end, zone)

    assert sla.by_day
    assert _lengths(sla) == hours
    assert [step.due for step in sla.steps] == [hour * 2 for hour in hours]
    assert [step.within for step in sla.steps] == [hour * 2 for hour in hours]


@pytest.mark.parametrize(
    ("start", "end", "zone", "hours"),
    [
        ("2026-03-29T00:00+00:00", "2026-03-29T03:00+00:00", "Europe/Berlin", [1, 1, 1]),
        ("2026-10-25T00:00+00:00", "2026-10-25T03:00+00:00", "Europe/Berlin", [1, 1, 1]),
        ("2026-04-04T14:00+00:00", "2026-04-04T16:30+00:00", "Australia/Lord_Howe", [1, 0.5, 1]),
        ("2026-10-03T14:30+00:00", "2026-10-03T17:00+00:00", "Australia/Lord_Howe", [1, 0.5, 1]),
        ("2026-01-01T00:10+00:00", "2026-01-01T02:00+00:00", "Asia/Kolkata", [1 / 3, 1, 0.5]),
    ],
)
def test_an_hour_begins_at_the_full_hour_of_its_zone(
    start: str, end: str, zone: str, hours: list[float]
) -> None:
    sla = _every(10 * MINUTE, start, end, zone)

    assert not sla.by_day
    assert _lengths(sla) == hours
    assert [step.due for step in sla.steps] == [round(hour * 6) for hour in hours]


def test_steps_are_hours_up_to_three_days() -> None:
    assert not _sla(figures([], end=3 * DAY, sla=SECOND)).by_day
    assert _sla(figures([], end=3 * DAY + 1, sla=SECOND)).by_day


def test_only_passed_transfers_can_be_within_and_open_ones_are_not_due() -> None:
    pairs = [
        pair(1, 0, SECOND),
        pair(2, 0, SECOND + 1),
        pair(3, 0, SECOND, "FAILED"),
        pair(4, 0, SECOND, "TIMEOUT"),
        pair(5, 0, SECOND, None),
        (row(uuid(6), 0, SECOND), None),
        (None, row(uuid(7), 5 * HOUR, None)),
    ]

    sla = _sla(figures(pairs, sla=SECOND, sla_target=Fraction(1, 2)))

    assert (sla.limit, sla.within, sla.due, sla.overdue) == (SECOND, 1, 6, 1)
    assert sla.target == Fraction(1, 2)
    assert not sla.met
    assert sla.steps == (
        SlaStep(START, START + HOUR, 1, 5),
        SlaStep(START + 5 * HOUR, START + 6 * HOUR, 0, 1),
    )


def test_hours_without_transfers_are_left_out() -> None:
    sla = _sla(figures([pair(1, 2 * HOUR, 1), pair(2, 9 * HOUR, 1)], sla=SECOND))

    assert [(step.start - START) // HOUR for step in sla.steps] == [2, 9]


def test_without_a_promise_there_is_no_sla() -> None:
    found = figures([pair(1, 0, 1)])

    assert found.sla is None
    assert {(bucket.within, bucket.due) for bucket in found.timeline.buckets} == {(0, 0)}


def test_the_zone_of_the_plan_is_that_of_the_figures() -> None:
    zone = named_zone("Asia/Kolkata")

    found = figures([], zone=zone, zone_name="Asia/Kolkata")

    assert (found.zone, found.zone_name) == (zone, "Asia/Kolkata")


@given(
    st.lists(st.tuples(st.integers(0, DAY), st.integers(0, 9), st.sampled_from(["SUCCESS", None]))),
    st.sampled_from(ZONES),
    st.sampled_from(["2026-03-28", "2026-10-03", "2026-10-24", "2026-10-31", "2026-04-04"]),
    st.integers(1, 10 * DAY),
    st.integers(0, DAY),
)
def test_steps_and_buckets_add_up_to_the_whole(
    made: list[tuple[int, int, Optional[str]]], zone: str, date: str, length: int, offset: int
) -> None:
    start = _micros(f"{date}T00:00+00:00") + offset
    pairs = [
        pair(n, start - START + at * length // (DAY + 1), transit, status)
        for n, (at, transit, status) in enumerate(made)
    ]

    found = figures(
        pairs, start=start, end=start + length - START, sla=5, zone=named_zone(zone),
        now=start + length - START + DAY,
    )  # fmt: skip

    sla, buckets = _sla(found), found.timeline.buckets
    assert sla.within == sum(step.within for step in sla.steps) == sum(b.within for b in buckets)
    assert sla.due == sum(step.due for step in sla.steps) == sum(b.due for b in buckets)
    assert sla.due == sum(status is not None for _, _, status in made)
    edges = list(chain.from_iterable((step.start, step.end) for step in sla.steps))
    assert edges == sorted(edges)
    starts = [ingress.start for ingress, _ in pairs if ingress.start is not None]
    for step in sla.steps:
        assert step.due <= sum(step.start <= at < step.end for at in starts)
