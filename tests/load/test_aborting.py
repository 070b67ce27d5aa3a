from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fthg.clock import SECOND
from fthg.errors import TransferError
from fthg.load.aborting import aborting
from fthg.load.files.source import Source
from fthg.load.pacing.maximum import Maximum
from fthg.load.plan import Job, Limits, Plan
from fthg.load.process import ProcessRun
from fthg.load.run import JobPart
from fthg.load.stats.snapshot import TOTAL, RunSnapshot
from fthg.protocols.options import Options
from fthg.transfer import Transfer
from tests.fakes import FakeClock, FakeSender

from .snapshots import job, limits
from .stats.staged import stages


def run(
    tmp_path: Path, of_job: Limits, of_total: Limits, fails_from: int = 10
) -> tuple[float, str]:
    """Run at 10/s for a minute with a server that refuses from 10 s on; how long, and why so."""
    only = job(source=Source(str(tmp_path)), duration=60.0, limits=of_job)
    snapshot = run_to_its_end(tmp_path, of_total, only, fails_from=fails_from)
    return snapshot.seconds, snapshot.reason


def run_to_its_end(
    tmp_path: Path,
    of_total: Limits,
    *jobs: Job,
    fails_from: float = 10,
    kind: type[ProcessRun] = ProcessRun,
) -> RunSnapshot:
    (tmp_path / "a").write_bytes(b"x")
    clock = FakeClock()

    def seconds(_: Transfer) -> float:
        if clock.now() >= fails_from * SECOND:
            raise TransferError("refused", "Connection refused")
        return 0.001

    running = kind(
        Plan("r1", jobs, limits=of_total),
        {one.name: FakeSender(Options(), clock, seconds) for one in jobs},
        {one.name: itertools.repeat("a") for one in jobs},
        clock,
        0,
    )
    with aborting(running):
        running.wait()
    return running.snapshot()


def aborts(text: str, after: float = 0.0) -> Limits:
    return Limits(limits(text).thresholds, abort=True, abort_after=after)


@pytest.mark.parametrize("where", ["job", "total"])
def test_a_crossed_threshold_ends_the_run_within_a_second(tmp_path: Path, where: str) -> None:
    crossed = aborts("failed == 0")
    given = (crossed, Limits()) if where == "job" else (Limits(), crossed)
    seconds, reason = run(tmp_path, *given)
    assert 10 < seconds <= 12
    assert reason == "threshold crossed: failed == 0"


def test_it_does_not_end_the_run_before_its_time(tmp_path: Path) -> None:
    seconds, _ = run(tmp_path, aborts("failed == 0", after=30.0), Limits())
    assert 30 <= seconds <= 32


def test_a_threshold_that_does_not_abort_ends_nothing(tmp_path: Path) -> None:
    seconds, reason = run(tmp_path, limits("failed == 0"), Limits())
    assert seconds == pytest.approx(60, abs=0.2)
    assert reason == "as planned"


@pytest.mark.parametrize("text", ["lateness p99 < 1h", "response_time_failed p95 < 1h"])
def test_a_figure_within_its_limit_or_without_a_value_ends_nothing(
    tmp_path: Path, text: str
) -> None:
    seconds, _ = run(tmp_path, aborts(text), Limits())
    assert seconds == pytest.approx(60, abs=0.2)


def test_where_all_fails_the_missing_times_of_ok_transfers_end_nothing(tmp_path: Path) -> None:
    seconds, _ = run(tmp_path, aborts("response_time p95 < 1h"), Limits(), fails_from=0)
    assert seconds == pytest.approx(60, abs=0.2)


# --- the breaking point


def ramp(tmp_path: Path, **changes: Any) -> Job:
    """A job whose target is 10 + t at t seconds."""
    pacer = stages("10/s for 1ms, to 70/s over 60s")
    return job(**{"source": Source(str(tmp_path)), "pacer": pacer, **changes})


def test_it_says_at_which_rate_and_by_which_figure_the_run_broke(tmp_path: Path) -> None:
    crossed = aborts("failed == 0")
    end = run_to_its_end(tmp_path, Limits(), ramp(tmp_path, limits=crossed), fails_from=20.5)
    point = end.breaking
    assert point is not None
    assert (point.job, point.verdict.threshold.text) == ("orders", "failed == 0")
    assert point.at == 21
    assert point.rate == pytest.approx(31, abs=0.01)
    assert point.held == pytest.approx(30, abs=0.01)
    assert point.verdict.found == pytest.approx(0.5 * 30.75, abs=2)


def test_the_rate_of_the_total_is_that_of_all_jobs_that_run_then(tmp_path: Path) -> None:
    jobs = [
        ramp(tmp_path),
        ramp(tmp_path, name="later", start_after=10.0),
        ramp(tmp_path, name="over", duration=5.0),
        ramp(tmp_path, name="much later", start_after=30.0),
    ]
    point = run_to_its_end(tmp_path, aborts("failed == 0"), *jobs, fails_from=20.5).breaking
    assert point is not None
    assert (point.job, point.at) == (TOTAL, 21)
    assert point.rate == pytest.approx(31 + 21, abs=0.01)
    assert point.held == pytest.approx(30 + 20, abs=0.01)


class Reported(ProcessRun):
    """A run of which half a second is not known yet, as of one in several processes."""

    def parts(self) -> Mapping[str, JobPart]:
        return {
            name: part._replace(dispatching=max(0.0, part.dispatching - 0.5))
            for name, part in super().parts().items()
        }


@pytest.mark.parametrize("after", [0.0, 4.0])
def test_moment_and_rate_are_those_of_the_figures(tmp_path: Path, after: float) -> None:
    limited = ramp(tmp_path, limits=aborts("failed == 0"), start_after=after)
    point = run_to_its_end(tmp_path, Limits(), limited, fails_from=20.5, kind=Reported).breaking
    assert point is not None
    assert point.at == 20.5
    assert point.rate == pytest.approx(30.5 - after, abs=0.01)


def test_what_was_crossed_before_it_could_end_the_run_did_not_hold(tmp_path: Path) -> None:
    crossed = aborts("failed == 0", after=30.0)
    limited = ramp(tmp_path, limits=crossed)
    point = run_to_its_end(tmp_path, Limits(), limited, fails_from=20.5).breaking
    assert point is not None
    assert point.at == 30
    assert point.rate == pytest.approx(40, abs=0.01)
    assert point.held == pytest.approx(30, abs=0.01)


def test_a_run_that_broke_at_once_held_nothing(tmp_path: Path) -> None:
    crossed = aborts("failed == 0")
    end = run_to_its_end(tmp_path, Limits(), ramp(tmp_path, limits=crossed), fails_from=0)
    assert end.breaking is not None
    assert (end.breaking.at, end.breaking.held) == (1, None)


def test_a_job_at_max_has_no_rate_at_which_it_breaks(tmp_path: Path) -> None:
    utmost = ramp(tmp_path, limits=aborts("failed == 0"), pacer=Maximum(), open=False, limit=1)
    end = run_to_its_end(tmp_path, Limits(), utmost, fails_from=3.5)
    assert end.breaking is not None
    assert (end.breaking.at, end.breaking.rate, end.breaking.held) == (4, None, None)


def test_the_threshold_that_ended_the_run_stays_crossed(tmp_path: Path) -> None:
    """Transfers in flight may bring the final figure back within its limit."""
    slow = ramp(tmp_path, limits=aborts("ok >= 5"))
    (tmp_path / "a").write_bytes(b"x")
    clock = FakeClock()
    sender = FakeSender(Options(), clock, lambda _: 3.0)
    plan = Plan("r1", (slow,))
    running = ProcessRun(plan, {"orders": sender}, {"orders": itertools.repeat("a")}, clock, 0)
    with aborting(running):
        running.wait()
    end = running.snapshot()
    (verdict,) = end.crossed
    assert (verdict.threshold.text, verdict.found) == ("ok >= 5", end.figures.total["ok"])
    assert end.figures.total["ok"] >= 5
    assert end.breaking is not None
    assert end.breaking.verdict.found == 0


def test_a_run_that_no_threshold_ended_has_no_breaking_point(tmp_path: Path) -> None:
    unharmed = ramp(tmp_path, limits=limits("failed == 0"), duration=15.0)
    assert run_to_its_end(tmp_path, Limits(), unharmed).breaking is None


def test_held_is_the_highest_target_that_passed_not_the_last(tmp_path: Path) -> None:
    falling = stages("40/s for 10s, to 10/s over 30s")
    limited = ramp(tmp_path, limits=aborts("failed == 0"), pacer=falling)
    point = run_to_its_end(tmp_path, Limits(), limited, fails_from=20.5).breaking
    assert point is not None
    assert (point.at, point.held) == (21, 40)
    assert point.rate == pytest.approx(29, abs=0.01)
