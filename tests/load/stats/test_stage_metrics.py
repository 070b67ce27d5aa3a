from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.stats.job_snapshot import JobSnapshot
from fthg.load.stats.metrics import Metrics
from fthg.load.stats.stage_figures import mean_target, stage_figures
from fthg.load.stats.stage_metrics import STAGE_TIMES, StageMetrics, StageRecorder
from fthg.load.stats.stage_times import StagedTime, StageFinder
from fthg.load.stats.tally import Tally
from fthg.transfer import Result

from ..results_of import MS, dropped, result
from ..snapshots import job
from .staged import Alternating, stages

PACER = stages("10/s for 5s, 0/s for 10s, to 30/s over 4s, max for 2s")
END = PACER.end
COUNTS = ("scheduled", "sent", "ok", "failed", "dropped", "cancelled", "bytes")


@st.composite
def _results(draw: st.DrawFn) -> Result:
    due = draw(st.integers(0, END - 1))
    if draw(st.booleans()):
        return dropped(due=due)
    outcome = draw(st.sampled_from(["ok", "failed", "cancelled"]))
    start = due + draw(st.integers(0, SECOND))
    return result(outcome=outcome, due=due, start=start, end=start + draw(st.integers(1, SECOND)))


RESULTS = st.lists(_results() | st.builds(dropped, due=st.integers(0, END - 1)), max_size=40)


def recorded(results: list[Result]) -> StageMetrics:
    finder = StageFinder(PACER)
    recorder = StageRecorder(lambda one: finder.at(one.due))
    for at in range(0, len(results), 3):
        recorder.record(results[at : at + 3])
    return recorder.metrics


def figures(*parts: StageMetrics, in_flight: int = 0) -> Any:
    snapshot = JobSnapshot(
        job(pacer=PACER), Metrics(0), END / SECOND, in_flight=in_flight, stages=parts
    )
    return snapshot.stage_figures()


@given(RESULTS)
def test_the_figures_of_all_stages_add_up_to_those_of_the_job(results: list[Result]) -> None:
    metrics = Metrics(0)
    metrics.record(*results)
    whole, by_stage = metrics.figures(None, 0.0), figures(recorded(results))
    assert [one["rate"] for one in by_stage] == list(PACER.stages)
    for count in COUNTS:
        assert sum(one[count] for one in by_stage) == whole[count]
    for time in STAGE_TIMES:
        some = [one[time] for one in by_stage if one[time]["count"]]
        assert sum(one["count"] for one in some) == whole[time]["count"]
        if some:
            assert max(one["max"] for one in some) == whole[time]["max"]
            assert min(one["min"] for one in some) == whole[time]["min"]


@given(st.lists(RESULTS, min_size=1, max_size=4))
def test_the_parts_of_slices_are_together_the_whole_also_by_way_of_a_pipe(
    slices: list[list[Result]],
) -> None:
    parts = [pickle.loads(pickle.dumps(recorded(some))) for some in slices]
    whole = sorted((one for some in slices for one in some), key=lambda one: one.due)
    assert figures(*parts) == figures(recorded(whole))


def test_a_result_counts_in_the_stage_in_which_it_was_due_whenever_it_ends() -> None:
    late = result(due=5 * SECOND - 1, start=5 * SECOND, end=90 * SECOND)
    first, second, *_ = figures(recorded([late, dropped(due=5 * SECOND)]))
    assert (first["ok"], first["dropped"], second["ok"], second["dropped"]) == (1, 0, 0, 1)
    assert (first["start"], first["seconds"], second["start"], second["seconds"]) == (0, 5, 5, 10)


def test_times_of_failed_transfers_stand_apart() -> None:
    failed = result(outcome="failed", due=0, start=MS, end=9 * MS)
    first = figures(recorded([failed, result(due=0, start=0, end=2 * MS)]))[0]
    assert (first["response_time"]["max"], first["service_time"]["max"]) == (0.002, 0.002)
    failed_times = first["response_time_failed"]["max"], first["service_time_failed"]["max"]
    assert failed_times == (0.009, 0.008)
    assert (first["lateness"]["count"], first["lateness"]["max"]) == (2, 0.001)


def test_what_is_in_flight_counts_in_the_stage_in_force() -> None:
    *others, last = figures(recorded([result(due=0)]), in_flight=3)
    assert (last["scheduled"], last["sent"], last["ok"]) == (3, 3, 0)
    assert [one["scheduled"] for one in others] == [1, 0, 0]


def test_what_is_in_flight_for_long_counts_in_the_stages_that_it_was_due_in() -> None:
    pacer = stages("10/s for 5s, 2/s for 10s, max for 2s")
    parts = recorded([result(due=0, end=SECOND)] * 41)
    for until, counted in ((6.7, [48, 4]), (4.99, [52])):
        snapshot = JobSnapshot(
            job(pacer=pacer), Metrics(0), until, in_flight=11, stages=[parts], state="running"
        )
        assert [one["scheduled"] for one in snapshot.stage_figures()] == counted


def test_what_a_lost_worker_had_in_flight_is_cancelled_in_the_stage_of_its_last_result() -> None:
    part = recorded([result(due=0), result(due=16 * SECOND)])
    part.cancel(2)
    assert [one["cancelled"] for one in figures(part)] == [0, 0, 2, 0]
    assert [one["sent"] for one in figures(part)] == [1, 0, 3, 0]


def test_stages_that_have_not_begun_are_left_out() -> None:
    snapshot = JobSnapshot(job(pacer=PACER), Metrics(0), 7.0, stages=[recorded([result(due=0)])])
    assert [one["seconds"] for one in snapshot.stage_figures()] == [5.0, 2.0]


def test_the_runs_of_a_day_profile_are_added_up_each_with_its_own_beginning() -> None:
    hour = 3600 * SECOND
    runs = [StagedTime(Alternating(hour // 2), 3 * hour), StagedTime(Alternating(hour), hour)]
    even, odd = stage_figures(runs, [])
    assert (even["rate"], odd["rate"]) == ("even: 60/h", "odd: 3600/h")
    assert (even["start"], odd["start"]) == (0, 0)
    assert (even["seconds"], odd["seconds"]) == (1.5 * 3600, 2.5 * 3600)
    assert (even["target_rate"], odd["target_rate"]) == (pytest.approx(1 / 60), 1)
    assert mean_target(runs) == (90 + 2.5 * 3600) / (4 * 3600)


def test_a_job_without_stages_has_no_such_figures() -> None:
    assert JobSnapshot(job(), Metrics(0), 7.0).stage_figures() == []


def test_a_tally_counts_by_stage_what_it_counts_at_all() -> None:
    finder = StageFinder(PACER)
    tally = Tally(0)
    tally.add("plain")
    tally.add("orders", StageRecorder(lambda one: finder.at(one.due)))
    for one in [result(due=0)] * 100 + [result(due=0, job="plain")]:
        tally.record(one)
    found = tally.stages("orders")
    assert found is not None
    assert figures(found)[0]["ok"] == tally.metrics()["orders"].outcomes["ok"] == 100
    assert tally.stages("plain") is None
