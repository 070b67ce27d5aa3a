from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from fthg.clock import SECOND
from fthg.errors import TransferError
from fthg.load.aborting import aborting
from fthg.load.plan import Limits, Plan, Source
from fthg.load.process import ProcessRun
from fthg.protocols.options import Options
from fthg.transfer import Transfer
from tests.fakes import FakeClock, FakeSender

from .snapshots import job, limits


def run(
    tmp_path: Path, of_job: Limits, of_total: Limits, fails_from: int = 10
) -> tuple[float, str]:
    """Run at 10/s for a minute with a server that refuses from 10 s on; how long, and why so."""
    (tmp_path / "a").write_bytes(b"x")
    clock = FakeClock()

    def seconds(_: Transfer) -> float:
        if clock.now() >= fails_from * SECOND:
            raise TransferError("refused", "Connection refused")
        return 0.001

    only = job(source=Source(str(tmp_path)), duration=60.0, limits=of_job)
    running = ProcessRun(
        Plan("r1", (only,), limits=of_total),
        {"orders": FakeSender(Options(), clock, seconds)},
        {"orders": itertools.repeat("a")},
        clock,
        0,
    )
    with aborting(running):
        running.wait()
    return running.snapshot().seconds, running.reason


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
