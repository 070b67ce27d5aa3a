"""The open model over stages: the schedule, to the end of its last stage."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from fthg.clock import SECOND

from ..job_bench import HOUR, Bench, Rate


def test_stages_are_sent_exactly_with_their_ramps_and_pauses(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run("10/s for 5s, to 20/s over 10s, 0/s for 5s, 1/s for 3s")
    seconds = [result.due // SECOND for result in bench.results]
    counts = Counter(second for second in seconds)
    assert sum(counts[second] for second in range(5)) == 50
    assert sum(counts[second] for second in range(5, 15)) == 150
    assert [counts[second] for second in range(15, 23)] == [0, 0, 0, 0, 0, 1, 1, 1]
    assert all(result.start == result.due for result in bench.results)


def test_weeks_of_stages_lose_no_arrival(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run("7/hour for 7d, 0/s for 7d, to 14/hour over 7d")
    weeks = Counter(moment // (24 * 7 * HOUR) for moment, _ in bench.sender.started)
    assert weeks == {0: 7 * 24 * 7, 2: 7 * 24 * 7}


def test_a_pause_at_the_end_belongs_to_the_job(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    job = bench.start("1/s for 2s, 0/s for 60s")
    states: list[tuple[str, float]] = []
    bench.later(30, lambda: states.append((job.state, job.dispatch_seconds)))
    job.run_out(30)
    assert bench.starts() == [0, 1]
    assert states == [("running", 30.0)]
    assert (job.state, job.dispatch_seconds) == ("done", 62.0)
    assert bench.clock.now() == 62 * SECOND


@pytest.mark.parametrize(
    ("how", "starts", "seconds"),
    [({"end": 2.5}, [0, 1, 2], 2.5), ({"count": 3}, [0, 1, 2], 2.0), ({}, [0, 1, 2, 3, 4], 9.0)],
)
def test_a_duration_or_a_count_may_end_stages_earlier(
    tmp_path: Path, how: dict[str, float], starts: list[float], seconds: float
) -> None:
    bench = Bench(tmp_path)
    job = bench.start("1/s for 5s, 0/s for 4s", **how)  # type: ignore[arg-type]
    job.run_out(30)
    assert bench.starts() == starts
    assert job.dispatch_seconds == seconds


def test_a_busy_host_does_not_lengthen_the_stages(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    job = bench.start("1/s for 2s, 0/s for 8s")
    bench.later(9.5, lambda: bench.clock.pass_by(SECOND))
    job.run_out(30)
    assert job.dispatch_seconds == 10


@pytest.mark.parametrize("rate", ["1/s for 5s", Fraction(1)])
def test_a_job_whose_time_is_over_before_its_start_ends_at_once(tmp_path: Path, rate: Rate) -> None:
    bench = Bench(tmp_path)
    bench.run(rate, start=100, end=100)
    assert (bench.starts(), bench.clock.now()) == ([], 0)


def test_a_stop_ends_a_pause_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    job = bench.start("1/s for 2s, 0/s for 60s")
    bench.later(10, job.stop)
    job.run_out(30)
    assert job.dispatch_seconds == 10
    assert bench.clock.now() == 10 * SECOND


def stand_still(bench: Bench, after: float, seconds: float) -> None:
    bench.later(after, lambda: bench.clock.stand_still(round(seconds * SECOND)))


def test_after_a_standstill_the_newest_second_of_a_ramp_is_sent(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    stand_still(bench, 2.001, 5)
    bench.run("to 100/s over 10s")
    dropped = [result.due for result in bench.results if result.outcome == "dropped"]
    # The ramp has 5·t² arrivals until t: 20 until 2 s, 180 until 6 s, 245 until 7 s.
    assert len(dropped) == pytest.approx(5 * (6.001**2 - 2.001**2), abs=2)
    assert 2.001 * SECOND <= min(dropped) < max(dropped) <= 6.001 * SECOND
    assert len(bench.results) == 500


def test_a_standstill_that_ends_in_a_pause_leaves_one_arrival_and_is_not_overdue(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    stand_still(bench, 3.5, 6)
    job = bench.start("1/s for 6s, 0/s for 60s")
    overdue: list[bool] = []
    bench.later(20, lambda: overdue.append(job.overdue(10 * SECOND)))
    job.run_out(30)
    assert bench.starts() == [0, 1, 2, 3, 9.5]
    assert bench.outcomes() == Counter(ok=5, dropped=1)
    assert overdue == [False]
