"""The results that a run records."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import gevent
import pytest

from fthg.clock import SECOND
from fthg.errors import TransferError
from fthg.load.files.source import Source
from fthg.load.outputs import Output, OutputGroup, Surroundings
from fthg.load.outputs.results_file import ResultsOutput
from fthg.load.plan import Plan
from fthg.load.process import ProcessRun
from fthg.load.stats.snapshot import RunSnapshot
from fthg.protocols.options import Options
from fthg.results.file import ResultsFile
from fthg.standstill import Standstill
from fthg.transfer import DETAIL_LENGTH, Sent, Transfer
from tests.fakes import FakeClock, FakeSender

from .snapshots import job

SECRET = "geheim-0123456789"


class TalkativeSender(FakeSender):
    """Fails with a long detail."""

    detail = ""

    def send(self, transfer: Transfer) -> Sent:
        raise TransferError("status", self.detail, code=503, sent=transfer.size)


@pytest.mark.parametrize(
    ("detail", "recorded"),
    [
        ("x" * DETAIL_LENGTH, "x" * DETAIL_LENGTH),
        ("x" * 5000, "x" * (DETAIL_LENGTH - 1) + "…"),
        # Masked before it is cut: the beginning of a secret would not be recognized.
        ("x" * (DETAIL_LENGTH - 8) + SECRET, "x" * (DETAIL_LENGTH - 8) + "***"),
        (SECRET * 400, "***" * 333 + "…"),
    ],
)
def test_a_detail_is_masked_then_cut(tmp_path: Path, detail: str, recorded: str) -> None:
    (tmp_path / "a").write_text("a")
    clock = FakeClock()
    sender = TalkativeSender(Options(), clock)
    sender.detail = detail
    only = job(source=Source(str(tmp_path)), count=1)
    file = ResultsFile(str(tmp_path / "r.jsonl"), "r1", clock)
    run = ProcessRun(
        Plan("r1", (only,), secrets=[SECRET]),
        {only.name: sender},
        {only.name: cast("Any", itertools.repeat("a"))},
        clock,
        clock.now(),
        OutputGroup([ResultsOutput(file, {})], clock),
    )
    run.wait()
    run.end()
    assert json.loads((tmp_path / "r.jsonl").read_text())["detail"] == recorded


class ImpatientServer(FakeSender):
    """Closes connections that are silent for longer than two seconds."""

    def send(self, transfer: Transfer) -> Sent:
        began = self.clock.now()
        self.clock.sleep_until(began + SECOND // 5)
        if self.clock.now() - began > 2 * SECOND:
            raise TransferError("reset", "the server closed the connection")
        return Sent(200, transfer.size, {})


def run_that_is_held_up(
    tmp_path: Path, hold_up: Callable[[FakeClock], object]
) -> tuple[RunSnapshot, list[Standstill]]:
    """A run of 10 s at 200/s; 40 are in flight when it is held up after 2 s."""
    (tmp_path / "a").write_text("a")
    clock = FakeClock()
    only = job(source=Source(str(tmp_path)), rate=Fraction(200), duration=10.0)
    reported: list[Standstill] = []

    class Reported(Output):
        @classmethod
        def make(cls, plan: Plan, around: Surroundings) -> None:
            """No plan asks for it."""

        def standstill(self, standstill: Standstill) -> None:
            reported.append(standstill)

    def later() -> None:
        clock.sleep_until(2 * SECOND + 1)
        hold_up(clock)

    run = ProcessRun(
        Plan("r1", (only,)),
        {only.name: ImpatientServer(Options(), clock)},
        {only.name: cast("Any", itertools.repeat("a"))},
        clock,
        clock.now(),
        OutputGroup([Reported()], clock),
    )
    gevent.spawn(later)
    run.wait()
    run.end()
    return run.snapshot(), reported


def test_failures_of_a_standstill_are_no_outage(tmp_path: Path) -> None:
    snapshot, reported = run_that_is_held_up(tmp_path, lambda clock: clock.stand_still(5 * SECOND))
    (figures,) = snapshot.figures.jobs.values()
    assert figures["errors"] == {"reset": 40}
    assert figures["dropped"] == 800
    assert snapshot.outages.listed == ()
    (one,) = snapshot.standstills
    assert (one.start, one.length, one.dropped) == (2 * SECOND + 1, 5 * SECOND, 800)
    assert reported == [one]


def test_the_same_failures_without_a_standstill_are_one(tmp_path: Path) -> None:
    snapshot, reported = run_that_is_held_up(tmp_path, lambda clock: clock.pass_by(5 * SECOND))
    (figures,) = snapshot.figures.jobs.values()
    assert figures["errors"] == {"reset": 40}
    assert len(snapshot.outages.listed) == 1
    assert (snapshot.standstills, reported) == ([], [])
