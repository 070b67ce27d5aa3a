from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from fthg.clock import SECOND
from fthg.load.page.timeline import MOST, timeline
from fthg.load.stats.snapshot import Reading
from fthg.slices import Slice

from ..results_of import result
from ..snapshots import UTC, job_snapshot, run_snapshot, stages
from .runs import mixed, week


def test_the_steps_have_every_transfer_once_and_cover_the_run() -> None:
    run = week(2, 500)
    line = timeline(run)
    assert len(line.steps) <= MOST
    assert sum(step.arrivals for step in line.steps) == 1000
    assert line.start == UTC // 1000
    assert line.end >= run.ended // 1000


def test_the_target_is_the_sum_of_the_jobs_while_they_dispatch() -> None:
    one = job_snapshot([], 2.0, rate=Fraction(10))
    two = job_snapshot([], 1.0, name="late", rate=Fraction(5), start_after=2.0)
    line = timeline(run_snapshot(one, two, ended=UTC + 4 * SECOND))
    assert [step.target for step in line.steps] == [10, 10, 5, 0]


def test_a_ramp_is_the_mean_of_its_step() -> None:
    job = job_snapshot([], 10.0, pacer=stages("to 100/s over 10s"))
    targets = [step.target for step in timeline(run_snapshot(job, ended=UTC + 10 * SECOND)).steps]
    assert targets == pytest.approx([10 * n + 5 for n in range(10)])


def test_a_slice_has_its_share_of_the_target() -> None:
    job = job_snapshot([], 1.0, slice=Slice(0, 4))
    assert timeline(run_snapshot(job)).steps[0].target == 2.5


def test_max_and_several_runs_have_no_target() -> None:
    assert timeline(run_snapshot(job_snapshot([result()], rate=None))).steps[0].target is None
    runs = replace(mixed(), reading=Reading("r", 2, 0, 7.0))
    assert {step.target for step in timeline(runs).steps} == {None}
