"""A run from its plan to its end."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import gevent
import pytest

from fthg import load
from fthg.clock import SECOND, Clock
from fthg.load.files.source import Source
from fthg.load.outputs.results_file import ResultsOutput
from fthg.load.pacing.constant import Constant
from fthg.load.plan import Plan
from fthg.load.run import Run
from fthg.log import Logs, LogSettings
from fthg.log import start as start_logs
from fthg.placeholders import Template
from fthg.protocols.http.options import HttpOptions
from fthg.results.read import parse_line
from tests.screen import Screen, screen
from tests.servers import free_port

from .snapshots import job


def refused(directory: Path, **outputs: str) -> Plan:
    """Thirty transfers in three seconds, to nobody."""
    (directory / "a").write_text("a")
    url = f"http://127.0.0.1:{free_port()}/"
    options = HttpOptions(job="orders", url=Template(url))
    source = Source(str(directory / "a"))
    only = job(url=url, protocol="http", source=source, count=30, options=options)
    return Plan(
        "r1", (only,), outputs={key: str(directory / path) for key, path in outputs.items()}
    )


@contextmanager
def quiet_logs() -> Iterator[Logs]:
    logs = start_logs(LogSettings(), Clock())
    try:
        yield logs
    finally:
        logs.close()


def around(shown: Screen) -> load.Surroundings:
    return load.Surroundings(Clock(), shown.terminal)


@contextmanager
def no_signals() -> Iterator[Callable[[Run], object]]:
    yield lambda _: None


@contextmanager
def interrupted() -> Iterator[Callable[[Run], object]]:
    """Interrupt a run in its second second."""
    main = gevent.getcurrent()
    interrupting = gevent.spawn_later(1.5, gevent.kill, main, KeyboardInterrupt)
    try:
        yield lambda _: None
    finally:
        interrupting.kill()


def test_a_run_that_is_left_by_an_exception_writes_what_it_knows(tmp_path: Path) -> None:
    plan = refused(tmp_path, results="r.jsonl", summary="s.json")
    with screen() as shown, pytest.raises(KeyboardInterrupt):
        load.run(plan, around(shown), quiet_logs, interrupted)
    lines = (tmp_path / "r.jsonl").read_text().splitlines()
    summary = json.loads((tmp_path / "s.json").read_text())
    assert 10 <= len(lines) == summary["total"]["scheduled"] < 30
    assert summary["reason"] == "interrupted"


@dataclass(frozen=True)
class OnTheGrid(Constant):
    """Five a second, when the time of the day has no other fraction of a second than fifths."""

    utc: int = 0

    def at(self, utc: int) -> OnTheGrid:
        return replace(self, utc=utc)

    def due(self, arrival: int) -> int:
        return super().due(arrival) + -self.utc % (SECOND // 5)


@pytest.mark.parametrize("workers", [1, 2])
def test_all_processes_anchor_a_job_at_the_same_moment_of_the_day(
    tmp_path: Path, workers: int
) -> None:
    plan = refused(tmp_path, results="r.jsonl")
    only = replace(plan.jobs[0], pacer=OnTheGrid(Fraction(5)), count=10, start_after=0.07)
    with screen() as shown:
        load.run(
            replace(plan, jobs=(only,), workers=workers), around(shown), quiet_logs, no_signals
        )
    lines = (tmp_path / "r.jsonl").read_bytes().splitlines(keepends=True)
    dues = sorted(parse_line(line).result.due for line in lines)
    assert len(dues) == 10
    off = [(due + SECOND // 10) % (SECOND // 5) - SECOND // 10 for due in dues]
    assert all(abs(one) < SECOND // 100 for one in off)
    assert dues[-1] - dues[0] == pytest.approx(9 * SECOND // 5, abs=SECOND // 100)


def test_without_a_summary_on_the_terminal_it_says_what_failed(tmp_path: Path) -> None:
    plan = refused(tmp_path, summary="nowhere/s.json")
    with screen() as shown:
        status = load.run(plan, around(shown), quiet_logs, no_signals)
        text = shown.text
    assert status == 3
    assert text.startswith("fthg: ")
    assert "nowhere/s.json cannot be written: No such file or directory" in text


def test_for_several_workers_a_results_file_is_tried_and_a_pipe_is_kept_open(
    tmp_path: Path,
) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    held = []
    for path in ("r.jsonl", "pipe"):
        with ExitStack() as stack:
            before = len(os.listdir("/proc/self/fd"))
            ResultsOutput.reserve(Plan("r", (), outputs={"results": str(tmp_path / path)}), stack)
            held.append(len(os.listdir("/proc/self/fd")) - before)
    os.close(reader)
    assert held == [0, 1]
