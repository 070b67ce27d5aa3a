from __future__ import annotations

from array import array
from fractions import Fraction
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing.replay import Replay
from fthg.load.stats.job_snapshot import JobSnapshot
from fthg.load.stats.metrics import Metrics
from fthg.slices import Slice

from ..results_of import dropped, result
from ..snapshots import job, job_snapshot, pacer, running_job, stages


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        ({"duration": None}, None),
        ({"duration": 24.0}, 0.5),
        ({"duration": 24.0, "count": 5}, 0.6),
        ({"duration": None, "count": 2}, 1.0),
        ({"state": "waiting", "dispatching": 0.0}, 0.0),
    ],
)
def test_progress_is_that_of_whichever_end_is_nearer(
    changes: dict[str, Any], share: Optional[float]
) -> None:
    assert running_job(**changes).progress == share


@given(
    st.fractions(Fraction(1, 10_000), 1000, max_denominator=10_000),
    st.fractions(Fraction(1, 100), 50, max_denominator=100),
)
def test_an_undisturbed_job_achieves_exactly_its_target(rate: Fraction, seconds: Fraction) -> None:
    arrivals = -int(-seconds * rate // 1)
    made = Metrics(0)
    made.outcomes["ok"] = made.sent = arrivals
    achieved = JobSnapshot(job(rate=rate), made, float(seconds)).achieved_rate
    assert achieved == pytest.approx(float(rate), rel=1e-12)


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=9), st.integers(0, SECOND))
def test_an_undisturbed_replay_achieves_its_target_to_the_last_bit(
    times: list[int], after: int
) -> None:
    pacer = Replay(array("q", sorted(times)))
    dispatching = (pacer.end - 1 + after) / SECOND
    ended = JobSnapshot(
        job(pacer=pacer), job_snapshot([result()] * len(times)).metrics, dispatching
    )
    assert ended.achieved_rate == ended.target_rate


def test_dropped_arrivals_are_missing_from_the_achieved_rate() -> None:
    assert job_snapshot([result()] * 8 + [dropped()] * 2).achieved_rate == 8.0


def test_a_job_that_falls_behind_achieves_less_than_its_target() -> None:
    assert job_snapshot([result()] * 50, 10.0).achieved_rate == 5.0


def test_a_job_without_target_is_measured_until_its_last_end() -> None:
    results = [result(due=9 * SECOND, start=9 * SECOND, end=11 * SECOND)] * 4
    assert job_snapshot(results, 0.001, rate=None).achieved_rate == 2.0
    assert job_snapshot(results, 4.0, rate=None).achieved_rate == 1.0
    assert job_snapshot([], 0.0, rate=None).achieved_rate == 0.0


@given(
    of=st.integers(1, 40), rate=st.fractions(1, 1000, max_denominator=9), seconds=st.floats(1, 9)
)
def test_an_undisturbed_slice_achieves_its_part_of_the_target_exactly(
    of: int, rate: Fraction, seconds: float
) -> None:
    due = pacer(rate).arrivals(round(seconds * SECOND)) or 0
    for part in range(of):
        slice_ = Slice(part, of)
        sent = slice_.share(due)
        one = job_snapshot([result()] * sent, seconds, rate=rate, slice=slice_)
        assert one.target_rate == float(rate / of)
        assert one.achieved_rate == (float(rate / of) if sent else 0.0)


@given(of=st.integers(1, 12), seconds=st.floats(0.5, 12))
def test_the_stages_of_all_slices_add_up_to_those_of_the_whole(of: int, seconds: float) -> None:
    text = "7/s for 2s, to 40/s over 3s, 0/s for 1s, 90/s for 5s"
    whole = job_snapshot([], seconds, pacer=stages(text))
    parts = [
        job_snapshot([], seconds, pacer=stages(text), slice=Slice(part, of)) for part in range(of)
    ]
    assert sum(part.target_rate or 0 for part in parts) == pytest.approx(whole.target_rate)
    for number, stage in enumerate(whole.stage_figures()):
        of_parts = [part.stage_figures()[number]["target_rate"] for part in parts]
        assert sum(of_parts) == pytest.approx(stage["target_rate"])
