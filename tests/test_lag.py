from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
from gevent import monkey

from fthg.clock import SECOND, Clock
from fthg.lag import LoopLag, Pause

block = monkey.get_original("time", "sleep")
TOOK = round(1.2 * SECOND)


class Measured(LoopLag):
    """A loop that is measured, and the pauses that were reported."""

    def __init__(self) -> None:
        super().__init__()
        self.reported: list[Pause] = []
        self.start(self.reported.append)


@pytest.fixture
def lag() -> Iterator[Measured]:
    lag = Measured()
    gevent.sleep(0)
    yield lag
    lag.stop()


def test_a_loop_that_is_blocked_has_had_a_pause(lag: Measured) -> None:
    before = time.monotonic_ns()
    block(1.2)
    gevent.sleep(0.05)
    (pause,) = lag.reported
    assert pause.start <= before < pause.start + SECOND
    assert TOOK <= pause.length < TOOK + 2 * SECOND
    assert lag.take_longest() >= SECOND
    assert lag.take_longest() < SECOND
    assert lag.grace_ends == pause.end + SECOND


def test_who_asks_before_the_loop_turns_sees_the_pause_already(lag: Measured) -> None:
    moment = time.monotonic_ns()
    block(1.2)
    pause = lag.pause_at(moment + SECOND // 2)
    assert pause is not None
    assert lag.reported == [pause]
    assert lag.pause_at(pause.end) == pause
    assert lag.pause_at(pause.end + 1) is None
    assert lag.pause_at(pause.start) is None
    assert lag.overlaps(pause.end, pause.end + 5)
    assert lag.overlaps(0, pause.start)
    assert not lag.overlaps(0, pause.start - 1)
    assert not lag.overlaps(pause.end + 1, pause.end + 2)
    assert not lag.overlaps(None, None)


def test_a_loop_that_turns_has_no_pause_however_little_it_does(lag: Measured) -> None:
    gevent.sleep(1.5)
    assert lag.reported == []
    assert lag.grace_ends == 0


def test_what_was_spent_in_a_pause_shows_its_cause(lag: Measured) -> None:
    until = time.monotonic_ns() + TOOK
    while time.monotonic_ns() < until:
        pass
    gevent.sleep(0.05)
    (busy,) = lag.reported
    block(1.2)
    gevent.sleep(0.05)
    blocked = lag.reported[-1]
    spent = [(one.after.cpu - one.before.cpu) + _waited(one) for one in (busy, blocked)]
    assert spent[0] > SECOND
    assert spent[1] < SECOND


def _waited(pause: Pause) -> int:
    return (pause.after.waited or 0) - (pause.before.waited or 0)


def test_the_time_of_garbage_collections_is_known(lag: Measured) -> None:
    cyclic = [[] for _ in range(300_000)]  # type: list[list[object]]
    for one in cyclic:
        one.append(one)
    gc.collect()
    block(1.2)
    gevent.sleep(0.05)
    assert lag.reported[-1].after.collecting > 0


def test_nothing_is_measured_after_the_stop(lag: Measured) -> None:
    lag.stop()
    block(1.2)
    lag.look()
    assert lag.reported == []
    assert lag._on_collection not in gc.callbacks


def test_the_clock_that_is_waited_by_lets_all_catch_up_after_a_pause() -> None:
    clock = Clock()
    clock.lag.start(lambda _: None)
    block(1.2)
    before = clock.now()
    clock.read_what_is_ready()
    clock.lag.stop()
    assert SECOND // 2 < clock.now() - before < 5 * SECOND


_STOPPED = """
from gevent import monkey; monkey.patch_all()
import gevent
from fthg.lag import LoopLag
lag = LoopLag()
lag.start(print)
print("ready", flush=True)
while not lag.pauses:
    gevent.sleep(0.05)
gevent.sleep(0.2)
print(lag.continued_at(lag.pauses[0]))
"""


def test_a_process_that_was_stopped_knows_that_it_was_continued(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", _STOPPED], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        gevent.sleep(0.3)
        os.kill(process.pid, signal.SIGSTOP)
        gevent.sleep(1.5)
        os.kill(process.pid, signal.SIGCONT)
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert out.splitlines()[-1] == "True"


def test_a_pause_that_nobody_continued_was_no_stop(lag: Measured) -> None:
    block(1.2)
    gevent.sleep(0.05)
    assert not lag.continued_at(lag.reported[0])
