"""A run that is joined late: what fell due before is never sent, and nothing is made up."""

from __future__ import annotations

import itertools
from array import array
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.errors import StartError
from fthg.load.dividing import for_slice, for_worker
from fthg.load.expected import dispatch_time
from fthg.load.files.source import Source
from fthg.load.job import RunningJob
from fthg.load.joining import joined
from fthg.load.pacing import Pacer, Poisson
from fthg.load.pacing.constant import Constant
from fthg.load.pacing.day import DayProfile
from fthg.load.pacing.replay import Replay
from fthg.load.plan import Plan
from fthg.protocols.options import Options
from fthg.slices import Slice
from fthg.transfer import Result
from tests.fakes import FakeClock, FakeSender

from .job_bench import Bench
from .snapshots import job, stages

Sent = list[tuple[int, int]]
"""Numbers, and when they were due after the start of the run."""


def replay() -> Pacer:
    return Replay(array("q", [n * n * SECOND // 50 for n in range(200)]))


def day() -> Pacer:
    read = DayProfile.read({"day": {"00:00": "1/s", "01:00": "3/s"}, "zone": "UTC"})
    assert read is not None
    return read.at(1_795_658_400 * SECOND - 60 * SECOND)


PACERS = {
    "constant": Constant(Fraction(5)),
    "stages": stages("2/s for 100s, to 10/s over 100s, 0/s for 50s, 1/s for 500s"),
    "poisson": Poisson(Constant(Fraction(5)), "job", "run"),
    "day profile": day(),
    "replay": replay(),
}


def plan_of(pacer: Pacer, **changes: Any) -> Plan:
    usual: dict[str, Any] = {"pacer": pacer, "limit": 1000, "limit_named": False}
    usual.update(source=Source("/nowhere"), duration=900.0)
    only = job(protocol="http", **{**usual, **changes})
    return Plan("r1", (only,), start_at=0)


def sent_by(plan: Plan, after: int = 0) -> Sent:
    """The arrivals that a process sends of its part of a plan, from a time on."""
    found: list[Result] = []
    for part in plan.jobs:
        clock = FakeClock()
        start = round(part.start_after * SECOND) - after  # the clock shows 0 when it joins
        time = dispatch_time(part, plan)
        assert time is not None
        RunningJob(
            part,
            FakeSender(Options(), clock),
            itertools.repeat(None),
            clock,
            found.append,
            start,
            start + time,
        ).run_out(30)
        assert all(result.due >= 0 for result in found)  # no burst: each at its own time
    return sorted((result.seq, result.due + after) for result in found)


def late(plan: Plan, after: int, files: int = 0) -> Plan:
    return joined(plan, after, lambda _: files)


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("name", PACERS)
@pytest.mark.parametrize("after", [1, 30 * SECOND, 137 * SECOND + 7, 225 * SECOND])
def test_what_is_sent_is_the_rest_of_the_schedule_under_its_own_numbers(
    name: str, after: int, is_open: bool
) -> None:
    plan = plan_of(PACERS[name], open=is_open)
    whole = sent_by(plan)
    plan = late(plan, after)
    rest = sent_by(plan, after)
    assert rest == [one for one in whole if one[1] >= after]
    found = plan.jobs[0].joined
    assert found is not None
    assert found.missed == len(whole) - len(rest)
    assert found.seconds == after / SECOND


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 60 * SECOND))
def test_slices_and_their_workers_join_the_same_schedule(of: int, workers: int, after: int) -> None:
    plan = plan_of(PACERS["poisson"], duration=60.0)
    rest = [one for one in sent_by(plan) if one[1] >= after]
    sent: Sent = []
    missed = 0
    for part in range(of):
        mine = late(for_slice(plan, Slice(part, of)), after)
        missed += sum(one.joined.missed for one in mine.jobs if one.joined)
        for worker in range(workers):
            sent += sent_by(for_worker(mine, Slice(worker, workers)), after)
    assert sorted(sent) == rest
    assert missed == len(sent_by(plan)) - len(rest)


def test_the_first_ones_and_later_ones_of_a_part_are_those_of_its_numbers() -> None:
    assert [Slice(1, 3).first(least) for least in range(6)] == [1, 1, 4, 4, 4, 7]
    assert [Slice(1, 3).share(end) for end in range(6)] == [0, 0, 1, 1, 1, 2]


def test_a_job_that_has_not_begun_is_not_joined() -> None:
    plan = plan_of(PACERS["constant"], start_after=100.0, duration=10.0)
    assert late(plan, 100 * SECOND) == plan
    assert late(plan, 100 * SECOND + 1).jobs[0].joined == (1e-9, 1, 1)


@pytest.mark.parametrize("count", [None, 20])
def test_a_job_that_is_over_sends_nothing_and_has_missed_what_it_had(count: Any) -> None:
    plan = late(plan_of(PACERS["constant"], duration=10.0, count=count), 3600 * SECOND)
    assert sent_by(plan, 3600 * SECOND) == []
    found = plan.jobs[0].joined
    assert found is not None
    assert found.missed == (count or 50)


def test_a_job_that_sends_each_file_once_has_missed_no_more_than_there_are() -> None:
    once = Source("/nowhere", repeat=False)
    plan = late(plan_of(PACERS["constant"], source=once), 100 * SECOND, files=7)
    assert plan.jobs[0].joined == (100.0, 500, 7)


@pytest.mark.parametrize("rate", ["max for 10s, 1/s for 1h", "1/s for 5s, max for 10s"])
def test_where_the_answers_decide_there_is_nothing_to_join(rate: str) -> None:
    plan = plan_of(stages(rate), open=False, duration=None)
    with pytest.raises(StartError, match=r"jobs\.orders is at the rate max"):
        late(plan, 7 * SECOND)


def test_who_is_ready_late_without_joining_sends_all_and_shows_how_late(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(Fraction(10), count=20, start=-0.75)
    late = [one.start - one.due for one in bench.results if one.start is not None]
    assert bench.outcomes() == {"ok": 20}
    assert max(late) == 3 * SECOND // 4
    assert sum(one > 0 for one in late) == 8


def test_before_that_there_is() -> None:
    plan = plan_of(stages("1/s for 50s, max for 10s"), open=False, duration=None)
    assert late(plan, 7 * SECOND).jobs[0].joined == (7.0, 7, 7)
