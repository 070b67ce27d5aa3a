from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load import run_intervals
from fthg.load.plan import Job
from fthg.load.run_intervals import RunInterval, Span

from .results_of import dropped, result
from .snapshots import job

LONG = Span(0, 3600 * SECOND)


def interval(*dues: float, takes: float = 0.5) -> RunInterval:
    made = RunInterval(round(dues[0] * SECOND))
    for due in dues:
        begin = round(due * SECOND)
        made.record([result(due=begin, start=begin, end=begin + round(takes * SECOND))])
    return made


def seconds(made: RunInterval, of: Job | None, run: Span = LONG) -> Fraction:
    return run_intervals.covered([run_intervals.dispatching(made, of, run)])


def test_a_stint_goes_from_the_first_due_time_to_the_last_end_in_whatever_order_they_come() -> None:
    made = interval(2, 1, 4, 3)
    assert (made.began, made.last_due, made.ended, made.scheduled) == (
        SECOND, 4 * SECOND, 4 * SECOND + SECOND // 2, 4,
    )  # fmt: skip


def test_what_was_dropped_ends_when_it_was_due() -> None:
    made = RunInterval(5)
    made.record([dropped(due=5)])
    assert (made.began, made.ended) == (5, 5)


def test_at_a_known_rate_each_arrival_stands_for_its_whole_period() -> None:
    assert seconds(interval(0, 0.1, 0.2), job(rate=Fraction(10))) == Fraction(3, 10)
    assert seconds(interval(0), job(rate=Fraction(7, 3600))) == Fraction(3600, 7)


def test_a_job_that_fell_behind_its_rate_is_measured_by_its_due_times() -> None:
    assert seconds(interval(0, 5, 9), job(rate=Fraction(10))) == 9


def test_at_the_rate_max_the_time_is_up_to_the_last_end() -> None:
    assert seconds(interval(0, 0.5, takes=1), job(rate=None)) == Fraction(3, 2)


def test_with_no_job_to_give_the_rate_the_due_times_do() -> None:
    assert seconds(interval(0, 0.1, 0.2, takes=9), None) == Fraction(3, 10)
    assert seconds(interval(2), None, Span(0, 10 * SECOND)) == 8


def test_the_whole_of_several_stints() -> None:
    assert run_intervals.whole([interval(1), interval(0, 7)]) == Span(0, 7 * SECOND + SECOND // 2)


@pytest.mark.parametrize(
    ("spans", "wanted"),
    [
        ([], 0),
        ([(1, 3), (5, 6)], 3),
        ([(5, 6), (1, 3)], 3),
        ([(1, 5), (2, 3)], 4),
        ([(1, 3), (2, 5)], 4),
    ],
)
def test_time_that_lies_in_two_spans_counts_once(spans: list[tuple[int, int]], wanted: int) -> None:
    assert run_intervals.covered(Span(a * SECOND, b * SECOND) for a, b in spans) == wanted


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)))
def test_covered_time_is_that_of_the_seconds_that_are_in_any_span(spans: list[list[int]]) -> None:
    seconds = {second for begin, end in spans for second in range(begin, end)}
    assert run_intervals.covered(Span(a * SECOND, b * SECOND) for a, b in spans) == len(seconds)
