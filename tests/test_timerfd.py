from __future__ import annotations

import gc
import os
import random
import resource
import subprocess
import sys
import time
import weakref

import gevent
import pytest

from fthg.clock import SECOND, Clock
from fthg.timerfd import Alarm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="timerfd is Linux's own")

_MS = SECOND // 1000


def timers() -> int:
    """Return the number of open timerfds of this process, once all that is ready has run."""
    gevent.sleep(0)
    found = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            found += os.readlink(f"/proc/self/fd/{name}") == "anon_inode:[timerfd]"
        except OSError:
            continue
    return found


def test_many_sleepers_share_one_descriptor_and_none_wakes_early() -> None:
    clock, dice, before = Clock(), random.Random(1), timers()
    early, seen = [], []

    def sleep(deadline: int) -> None:
        clock.sleep_until(deadline)
        early.append(clock.now() < deadline)
        seen.append(timers() - before)

    began = clock.now()
    gevent.joinall([gevent.spawn(sleep, began + dice.randrange(100 * _MS)) for _ in range(500)])
    assert len(early) == 500
    assert not any(early)
    assert max(seen) <= 1
    assert timers() == before


def test_who_is_due_sooner_wakes_sooner_whoever_came_first() -> None:
    alarm, woken = Alarm(), []
    base = time.monotonic_ns() + 20 * _MS

    def sleep(number: int) -> None:
        alarm.wait(base + number * _MS)
        woken.append(number)

    gevent.joinall([gevent.spawn(sleep, number) for number in (5, 1, 4, 0, 3, 2)])
    assert woken == [0, 1, 2, 3, 4, 5]


def test_one_who_sleeps_again_and_again_keeps_the_descriptor_of_all() -> None:
    clock = Clock()
    other = gevent.spawn(clock.sleep_until, clock.now() + 60 * SECOND)
    for _ in range(50):
        clock.sleep_until(clock.now() + _MS // 2)
    assert not other.dead
    other.kill()


def test_a_killed_sleeper_leaves_nothing_and_the_others_still_wake() -> None:
    clock, before = Clock(), timers()
    deadline = clock.now() + 50 * _MS
    first = gevent.spawn(clock.sleep_until, clock.now() + 10 * SECOND)
    second = gevent.spawn(clock.sleep_until, deadline)
    assert timers() == before + 1
    first.kill()
    second.join(10)
    assert second.successful()
    assert clock.now() >= deadline
    last = gevent.spawn(clock.sleep_until, clock.now() + 60 * SECOND)
    assert timers() == before + 1
    last.kill()
    assert timers() == before


def test_a_sleep_cut_by_a_timeout_leaves_nothing() -> None:
    clock, before = Clock(), timers()
    with gevent.Timeout(0.01, False):
        clock.sleep_until(clock.now() + 60 * SECOND)
    assert timers() == before
    clock.sleep_until(clock.now() + _MS)


def test_a_clock_that_slept_is_collected() -> None:
    alarm = Alarm()
    alarm.wait(time.monotonic_ns() + _MS)
    gone = weakref.ref(alarm)
    del alarm
    gevent.sleep(0)
    gc.collect()
    assert gone() is None


def test_without_a_descriptor_left_it_still_sleeps_and_never_ends_early() -> None:
    clock = Clock()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            Alarm().wait(clock.now() + _MS)
        deadline = clock.now() + 20 * _MS
        clock.sleep_until(deadline)
        assert clock.now() >= deadline
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


_FORKED = """
import os, gevent
from fthg.clock import Clock, SECOND
clock, woken = Clock(), []
def tick():
    for _ in range(20):
        due = clock.now() + SECOND // 100
        clock.sleep_until(due)
        assert clock.now() >= due
        woken.append(1)
ticking = gevent.spawn(tick)
gevent.sleep(0.02)
child = gevent.os.fork()
ticking.join(20)
assert len(woken) == 20, len(woken)
if child:
    assert os.waitstatus_to_exitcode(gevent.os.waitpid(child, 0)[1]) == 0
print("right")
"""


def test_after_a_fork_parent_and_child_both_go_on_sleeping() -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _FORKED],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "right\nright\n"
