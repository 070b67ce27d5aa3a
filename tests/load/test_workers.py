"""The run of several processes as its parent ends it; the workers are real ones."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

import gevent
import pytest
from gevent import monkey

from fthg.clock import SECOND, Clock
from fthg.load.dividing import for_worker
from fthg.load.files.source import Source
from fthg.load.outputs import OutputGroup
from fthg.load.outputs.relay import HandOn
from fthg.load.plan import Plan
from fthg.load.process import ProcessRun
from fthg.load.stats.snapshot import RunSnapshot
from fthg.load.workers import WorkersRun
from fthg.protocols.options import Options
from fthg.slices import Slice
from tests.fakes import FakeSender

from .snapshots import job
from .stats.staged import stages

WORKERS = 2
start_native = monkey.get_original("_thread", "start_new_thread")
native_lock = monkey.get_original("_thread", "allocate_lock")


@contextmanager
def running(directory: Path) -> Iterator[tuple[WorkersRun, list[int]]]:
    """A run at 10/s whose transfers take 30 s, when its workers have reported some; their ids."""
    (directory / "a").write_text("a")
    clock = Clock()
    began = clock.now()
    only = job(source=Source(str(directory)), pacer=stages("10/s for 1s, 10/s for 1h"))
    plan = Plan("r1", (only,), graceful_stop=60, workers=WORKERS)

    def make_part(slice_: Slice, _: ExitStack, __: HandOn) -> ProcessRun:
        return ProcessRun(
            for_worker(plan, slice_),
            {"orders": FakeSender(Options(), clock, lambda _: 30.0)},
            {"orders": cast("Any", itertools.repeat("a"))},
            clock,
            began,
        )

    before = children()
    run = WorkersRun(plan, clock, began, make_part, OutputGroup([], clock), lambda _: None)
    pids = [pid for pid in children() if pid not in before]
    assert len(pids) == WORKERS
    try:
        with gevent.Timeout(30):
            while run.snapshot().figures.total["sent"] < 2 * WORKERS:
                clock.sleep_until(clock.now() + SECOND // 10)
        yield run, pids
    finally:
        run.cut("the test is over")
        run.wait()
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)


def children() -> list[int]:
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return [int(pid) for pid in file.read().split()]


def check_that_all_is_cancelled(snapshot: RunSnapshot) -> None:
    total = snapshot.figures.total
    assert 2 * WORKERS <= total["sent"] == total["scheduled"] == total["cancelled"]
    by_stage = snapshot.jobs[0].stage_figures()
    assert sum(stage["cancelled"] for stage in by_stage) == total["cancelled"]
    assert sum(stage["sent"] for stage in by_stage) == total["sent"]


@pytest.mark.parametrize("stopped", [0, 1, 2])
def test_after_a_cut_the_books_are_even_whoever_is_stopped(tmp_path: Path, stopped: int) -> None:
    with running(tmp_path) as (run, pids):
        for pid in pids[:stopped]:
            os.kill(pid, signal.SIGSTOP)
        run.cut("cut by SIGINT")
        with gevent.Timeout(5):
            run.wait()
        check_that_all_is_cancelled(run.snapshot())
        assert {one.pid for one in run.lost_workers} == set(pids[:stopped])
        assert all(one.killed and one.in_flight for one in run.lost_workers)
        assert run.broken == bool(stopped)


def test_a_run_can_be_written_off_by_a_thread_while_the_loop_has_no_turn(tmp_path: Path) -> None:
    with running(tmp_path) as (run, pids):
        written_off = native_lock()
        written_off.acquire()

        def write_off() -> None:
            run.write_off("cut by SIGINT")
            written_off.release()

        start_native(write_off, ())
        assert written_off.acquire(timeout=10)
        snapshot = run.snapshot()
        check_that_all_is_cancelled(snapshot)
        assert (snapshot.reason, snapshot.running, run.was_cut) == ("cut by SIGINT", False, True)
        assert not any(map(is_running, pids))  # each had the command


def is_running(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
