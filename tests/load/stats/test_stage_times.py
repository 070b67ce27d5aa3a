from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing import Span
from fthg.load.stats.job_snapshot import JobSnapshot
from fthg.load.stats.metrics import Metrics
from fthg.load.stats.stage_times import StagedTime, StageFinder, stage_periods, time_so_far

from ..snapshots import job
from .staged import Alternating, stages

PAUSED = stages("10/s for 5s, 0/s for 10s, 10/s for 5s")
HOUR = 3600 * SECOND

_LENGTHS = st.integers(1, 20).map("{}s".format)
_RATES = st.sampled_from(["1/s", "7/min", "1/3s", "2.5/s", "10/s"])
_FIRST = st.builds("{} for {}".format, _RATES, _LENGTHS)
_NEXT = st.one_of(
    _FIRST,
    st.builds("0/s for {}".format, _LENGTHS),
    st.builds("to {} over {}".format, _RATES, _LENGTHS),
)
TEXTS = st.builds(
    lambda first, following: ", ".join([first, *following]), _FIRST, st.lists(_NEXT, max_size=4)
)
"""Texts of stages."""


@pytest.mark.parametrize(
    ("seconds", "stage"), [(-1, 0), (0, 0), (4.9, 0), (5, 1), (14.9, 1), (15, 2), (20, 2), (99, 2)]
)
def test_a_time_lies_in_the_stage_that_is_in_force_then(seconds: float, stage: int) -> None:
    assert StageFinder(PAUSED).at(round(seconds * SECOND)) == stage


def test_stages_that_come_again_are_found_for_weeks_in_any_order() -> None:
    finder = StageFinder(Alternating())
    hours = [0, 1, 2, 1000, 501, 3, 999_999]
    assert [finder.at(hour * HOUR + 1) for hour in hours] == [0, 1, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("dispatching", "until"),
    [
        (0, 0.1),  # the first one stands for the time until the second
        (4.85, 4.9),
        (4.9, 5.0),  # the last one before a pause for the rest of its stage, not for the pause
        (8.0, 8.0),
        (19.9, 20.0),
        (31.0, 20.0),  # senders that were still busy after the end
    ],
)
def test_an_arrival_stands_for_the_time_until_the_next_within_its_stage(
    dispatching: float, until: float
) -> None:
    found = time_so_far(PAUSED, round(dispatching * SECOND))
    assert found / SECOND == pytest.approx(until, abs=1e-8)


@pytest.mark.parametrize(("dispatching", "until"), [(2, 2), (1.9, 2), (1.95, 2), (1.85, 1.9)])
def test_an_arrival_at_the_end_of_the_duration_is_not_due(dispatching: float, until: float) -> None:
    made = Metrics(0)
    made.outcomes["ok"] = made.sent = round(10 * until)
    snapshot = JobSnapshot(job(pacer=PAUSED), made, dispatching, duration=2.0)
    assert snapshot.staged == (StagedTime(PAUSED, round(until * SECOND)),)
    assert snapshot.achieved_rate == snapshot.target_rate == 10


@example("10/s for 3s, to 0/s over 5s, 1/s for 2s", Fraction(7, 10))
@given(TEXTS, st.fractions(0, 1))
def test_an_undisturbed_job_achieves_its_target_in_all_stages_wherever_it_ends(
    text: str, share: Fraction
) -> None:
    pacer = stages(text)
    dispatching = int(pacer.end * share)
    arrivals = pacer.arrivals(dispatching + 1)
    assert arrivals is not None
    made = Metrics(0)
    made.outcomes["ok"] = made.sent = arrivals
    snapshot = JobSnapshot(job(pacer=pacer), made, dispatching / SECOND)
    assert snapshot.achieved_rate == snapshot.target_rate
    (staged,) = snapshot.staged
    periods = list(stage_periods(staged))
    assert sum(due or 0 for _, due in periods) == arrivals == staged.pacer.arrivals(staged.until)
    assert sum(end - start for (_, start, end), _ in periods) == staged.until


def _rates(sent: int, dispatching: float, text: str = PAUSED.text) -> tuple[float, float]:
    made = Metrics(0)
    made.outcomes["ok"] = made.sent = sent
    snapshot = JobSnapshot(job(pacer=stages(text), open=False), made, dispatching)
    assert snapshot.target_rate is not None
    return round(snapshot.achieved_rate, 6), round(snapshot.target_rate, 6)


def test_rates_are_those_of_the_time_so_far_in_a_pause_and_after_an_early_end() -> None:
    assert _rates(50, 8.0) == (6.25, 6.25)
    assert _rates(50, 4.93) == (10, 10)
    assert _rates(100, 19.95) == (5, 5)


def test_arrivals_that_busy_senders_skipped_are_missing_from_the_achieved_rate_alone() -> None:
    assert _rates(30, 25.0) == (1.5, 5)


def test_thousands_of_stages_are_gone_through_in_linear_time() -> None:
    pacer = stages(", ".join(f"{n % 7}/s for 1s" for n in range(10_000)))
    began = time.process_time()
    assert len(list(stage_periods(StagedTime(pacer, pacer.end)))) == 10_000
    assert time.process_time() - began < 2  # 5 seconds if each looked at all others


def test_where_a_stage_has_no_target_the_others_have_theirs() -> None:
    pacer = stages("10/s for 5s, max for 5s, 4/s for 10s")
    assert list(stage_periods(StagedTime(pacer, 12 * SECOND))) == [
        (Span(0, 0, 5 * SECOND), Fraction(50)),
        (Span(1, 5 * SECOND, 10 * SECOND), None),
        (Span(2, 10 * SECOND, 12 * SECOND), Fraction(8)),
    ]
    assert JobSnapshot(job(pacer=pacer, open=False), Metrics(0), 12.0).target_rate is None


def test_an_arrival_after_a_stage_without_target_stands_for_the_time_until_the_next() -> None:
    pacer = stages("max for 5s, 4/s for 10s")
    assert time_so_far(pacer, 4 * SECOND) == 4 * SECOND
    assert time_so_far(pacer, 5 * SECOND) == 5 * SECOND + SECOND // 4
    assert time_so_far(pacer, 5 * SECOND, 5 * SECOND) == 5 * SECOND
    assert time_so_far(pacer, 15 * SECOND - 1) == 15 * SECOND
