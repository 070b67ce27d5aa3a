from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.stats.series import LIMIT, Series

from ..results_of import dropped, result


def series(seconds: list[int]) -> Series:
    made = Series(0)
    for second in seconds:
        made.record(result(due=second * SECOND, end=second * SECOND + 1))
    return made


def test_a_result_belongs_to_the_second_in_which_it_ended() -> None:
    made = Series(0)
    made.record(result(due=0, end=2 * SECOND))
    made.record(dropped(due=SECOND))
    figures = made.figures()
    assert [(f["at"], f["ok"], f["dropped"]) for f in figures] == [(0, 0, 0), (1, 0, 1), (2, 1, 0)]
    assert [f["response_time_p95"] for f in figures] == [None, None, 2.0]


def test_its_response_times_are_those_of_ok_transfers() -> None:
    made = Series(0)
    made.record(result(due=0, end=SECOND // 2))
    made.record(result(due=0, end=SECOND - 1, outcome="failed", error="reset"))
    made.record(result(due=0, end=SECOND, outcome="failed", error="reset"))
    assert [f["response_time_p95"] for f in made.figures()] == [0.5, None]


@given(st.lists(st.integers(0, 10_000)))
def test_however_long_it_runs_nothing_is_lost_and_it_stays_small(seconds: list[int]) -> None:
    made = series(seconds)
    assert len(made.intervals) <= LIMIT
    assert sum(interval.counts["ok"] for interval in made.intervals) == len(seconds)
    assert sum(interval.bytes for interval in made.intervals) == 100 * len(seconds)


@given(st.lists(st.integers(0, 3000)), st.lists(st.integers(0, 3000)))
def test_merging_is_the_same_as_recording_all_in_one(one: list[int], other: list[int]) -> None:
    merged = series(one)
    merged.merge(series(other))
    assert merged.figures() == series(one + other).figures()


def test_what_was_before_the_start_is_in_the_first_interval() -> None:
    made = Series(10 * SECOND)
    made.record(result(due=SECOND, end=2 * SECOND))
    assert [f["ok"] for f in made.figures()] == [1]


def test_a_run_in_which_times_differ_widely_takes_little_memory() -> None:
    tracemalloc.start()
    made = Series(0)
    for second in range(LIMIT):
        for thousandths in range(1, 40):
            end = second * SECOND + thousandths**3 * SECOND // 1000
            made.record(result(due=second * SECOND, end=end))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 500_000
