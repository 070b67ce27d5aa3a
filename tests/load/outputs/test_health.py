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
from fthg.load.outputs.health import Health, greenlets, process
from fthg.load.stats.histogram import Histogram
from tests.fakes import FakeClock

from ..logged import Line, logged

MS = SECOND // 1000


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    with logged(logging.INFO) as told:
        yield told


def test_memory_that_is_taken_shows() -> None:
    before = process().rss
    taken = b"x" * 50_000_000
    assert process().rss - before > 0.8 * len(taken)


def test_a_descriptor_that_is_open_shows_and_none_is_left_by_looking() -> None:
    gc.collect()
    before = process().descriptors
    assert before == process().descriptors
    with socket.socket():
        assert process().descriptors == (before or 0) + 1


def test_without_proc_it_tells_what_it_can(tmp_path: Path) -> None:
    told = process(str(tmp_path))
    assert told.rss > 5_000_000
    assert told.threads >= 1
    assert told.descriptors is None


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


def late(*values: int) -> Histogram:
    made = Histogram()
    for value in values:
        made.record(value)
    return made


def test_a_line_is_logged_every_interval_and_one_at_the_end(lines: list[Line]) -> None:
    clock = FakeClock()
    health = Health(clock, 60.0, list)
    clock.sleep_until(150 * SECOND)
    assert len(lines) == 2
    health.close()
    assert len(lines) == 3
    assert all(line.fields["rss"] > 0 and line.fields["greenlets"] > 0 for line in lines)
    clock.sleep_until(300 * SECOND)
    assert len(lines) == 3


def test_lateness_is_that_of_transfers_since_the_line_before(lines: list[Line]) -> None:
    clock, seen = FakeClock(), late(*[500 * MS] * 50)
    health = Health(clock, 60.0, lambda: [seen, Histogram()])
    clock.sleep_until(90 * SECOND)
    for _ in range(100):
        seen.record(1 * MS)
    clock.sleep_until(150 * SECOND)
    health.close()
    first, second, last = (line.fields["lateness_p99"] for line in lines)
    assert first == pytest.approx(0.5, rel=0.02)
    assert second == pytest.approx(0.001, rel=0.02)
    assert last == 0


def test_a_loop_that_is_held_up_shows_as_lag_once(lines: list[Line]) -> None:
    clock = LateClock(late_at=30 * SECOND, by=2 * SECOND)
    health = Health(clock, 60.0, list)
    clock.sleep_until(130 * SECOND)
    health.close()
    assert [line.fields["lag"] for line in lines] == [2.0, 0.0, 0.0]


def test_a_worker_says_which_it_is(lines: list[Line]) -> None:
    Health(FakeClock(), 60.0, list, worker=0).close()
    Health(FakeClock(), 60.0, list).close()
    assert [line.fields.get("worker") for line in lines] == [0, None]


class LateClock(FakeClock):
    """Once, at `late_at`, it wakes whoever waits for that later by `by`."""

    def __init__(self, late_at: int, by: int) -> None:
        super().__init__()
        self._late_at = late_at
        self._by = by

    def sleep_until(self, deadline: int) -> None:
        super().sleep_until(deadline + self._by if deadline == self._late_at else deadline)
