from __future__ import annotations

import gc
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
from gevent import monkey
from gevent.threadpool import ThreadPool

from fthg.clock import SECOND
from fthg.load.outputs.group import OutputGroup
from fthg.load.outputs.health import Health, greenlets, process
from fthg.load.outputs.output import Surroundings
from fthg.load.plan import Plan
from fthg.slices import Slice
from fthg.writing.terminal import standard_terminals
from tests.fakes import FakeClock

from ..logged import Line, logged
from ..snapshots import run_snapshot, running_job

MS = SECOND // 1000


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    with logged(logging.INFO) as lines:
        yield lines


def test_memory_that_is_taken_shows() -> None:
    gc.collect()
    before = process().rss
    taken = b"x" * 200_000_000  # much more than what other threads may give back meanwhile
    assert process().rss - before > 0.8 * len(taken)


def test_a_descriptor_that_is_open_shows_and_none_is_left_by_looking() -> None:
    gc.collect()
    before = process().descriptors
    assert before == process().descriptors
    with socket.socket():
        assert process().descriptors == (before or 0) + 1


def test_without_proc_some_figures_are_there(tmp_path: Path) -> None:
    found = process(str(tmp_path))
    assert found.rss > 5_000_000
    assert found.threads >= 1
    assert found.descriptors is None


def test_a_program_whose_name_has_spaces_and_brackets_is_read_all_the_same(tmp_path: Path) -> None:
    numbers = " ".join(str(number) for number in range(3, 53))
    (tmp_path / "stat").write_text(f"7 (a) b ( 9) {numbers}")
    assert process(str(tmp_path))[:2] == (24 * os.sysconf("SC_PAGE_SIZE"), 20)


def test_threads_of_the_system_are_counted() -> None:
    before, pool = process().threads, ThreadPool(1)
    waiting = pool.spawn(monkey.get_original("time", "sleep"), 0.5)
    assert process().threads > before
    waiting.get(timeout=10)
    pool.kill()


def test_living_greenlets_are_counted_and_ended_ones_are_not() -> None:
    gc.collect()
    before = greenlets()
    some = [gevent.spawn(gevent.sleep, 60) for _ in range(7)]
    gevent.sleep(0)
    assert greenlets() - before == 7
    gevent.killall(some)
    assert greenlets() - before <= 0


class Watched:
    """The health of a process whose transfers have a lateness, ticked as a run does."""

    def __init__(self, clock: FakeClock) -> None:
        self.job = running_job()
        self.clock = clock
        self.health = Health(clock, 60.0)
        self.outputs = OutputGroup([self.health], clock)

    def record(self, *lateness: int) -> None:
        self.job.metrics.lateness.record(*lateness)

    def run_until(self, second: int) -> None:
        with self.outputs.following(lambda: run_snapshot(self.job)):
            self.clock.sleep_until(second * SECOND)
        self.outputs.end(lambda: run_snapshot(self.job))


def test_a_line_is_logged_every_interval_and_one_at_the_end(lines: list[Line]) -> None:
    clock = FakeClock()
    Watched(clock).run_until(150)
    assert len(lines) == 3
    assert all(line.fields["rss"] > 0 and line.fields["greenlets"] > 0 for line in lines)
    clock.sleep_until(300 * SECOND)
    assert len(lines) == 3


def test_lateness_is_that_of_transfers_since_the_line_before(lines: list[Line]) -> None:
    clock = FakeClock()
    watched = Watched(clock)
    watched.record(*[500 * MS] * 50)

    def later() -> None:
        clock.sleep_until(90 * SECOND)
        watched.record(*[1 * MS] * 100)

    gevent.spawn(later)
    watched.run_until(150)
    first, second, last = (line.fields["lateness_p99"] for line in lines)
    assert first == pytest.approx(0.5, rel=0.02)
    assert second == pytest.approx(0.001, rel=0.02)
    assert last == 0


def test_a_loop_that_is_held_up_shows_as_lag_once(lines: list[Line]) -> None:
    clock = FakeClock()
    watched = Watched(clock)

    def hold_up() -> None:
        clock.sleep_until(30 * SECOND)
        clock.stand_still(2 * SECOND)

    gevent.spawn(hold_up)
    watched.run_until(130)
    assert [line.fields["lag"] for line in lines] == [1.8, 0.0, 0.0]


def test_a_worker_says_which_it_is(lines: list[Line]) -> None:
    clock = FakeClock()
    around = Surroundings(clock, standard_terminals("auto")[1])
    for plan in (Plan("r", (), worker=Slice(0, 2)), Plan("r", ())):
        Health.make(plan, around).end(run_snapshot(running_job()))
    assert [line.fields.get("worker") for line in lines] == [0, None]
