"""Calls in native threads, which delay nobody and are waited for by greenlets."""

from __future__ import annotations

import os
import threading
from typing import Optional

import gevent
import pytest
from gevent import monkey

from fthg.threads import NoThreadError, Threads
from tests.limited_threads import LimitedThreads
from tests.waiting import until

_lock = monkey.get_original("_thread", "allocate_lock")
_ident = monkey.get_original("_thread", "get_ident")
_sleep = monkey.get_original("time", "sleep")


class Hanging:
    """A call that hangs until it is let go."""

    def __init__(self) -> None:
        self._held = _lock()
        self._held.acquire()
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        with self._held:
            return "went on"

    def go_on(self) -> None:
        self._held.release()


def native_threads() -> int:
    return len(os.listdir("/proc/self/task"))


def test_a_value_or_an_error_comes_back_from_another_thread() -> None:
    threads = Threads(1)
    assert threads.run(_ident) != _ident()
    with pytest.raises(ZeroDivisionError):
        threads.run(lambda: 1 // 0)
    threads.close()


def test_others_run_while_a_call_hangs() -> None:
    threads, hanging = Threads(1), Hanging()
    waiting = gevent.spawn(threads.run, hanging)
    gevent.sleep(0.05)
    assert not waiting.ready()
    hanging.go_on()
    assert waiting.get(timeout=5) == "went on"
    threads.close()


def test_threads_are_few_are_used_again_and_end_when_idle() -> None:
    before, threads = native_threads(), Threads(2, idle=0.05)
    for _ in range(3):
        gevent.joinall([gevent.spawn(threads.run, lambda: _sleep(0.001)) for _ in range(20)])
        assert threads.count == 2
    until(lambda: not threads.count)
    until(lambda: native_threads() <= before)
    assert threads.run(lambda: 5) == 5  # and one is started again
    threads.close()


def test_a_call_that_comes_when_an_idle_thread_is_about_to_end_is_made() -> None:
    threads = Threads(1, idle=0.001)
    for _ in range(200):
        assert threads.run(lambda: 5) == 5
        _sleep(0.001)  # the hub has no turn, so it does not know that the thread wants to end
    until(lambda: not threads.count)


def test_who_waits_for_a_call_that_hangs_can_be_killed() -> None:
    threads, hanging = Threads(1), Hanging()
    waiting = [gevent.spawn(threads.run, hanging) for _ in range(50)]
    gevent.sleep(0.05)
    gevent.killall(waiting, timeout=5)
    assert not threads._waiting  # a call that nobody waits for is not made
    hanging.go_on()
    assert threads.run(lambda: 5) == 5
    assert hanging.calls == 1
    threads.close()


def test_what_follows_a_call_knows_whether_its_value_is_wanted() -> None:
    threads, hanging = Threads(1), Hanging()
    followed = list[tuple[Optional[str], bool]]()

    def after(value: Optional[str], wanted: bool) -> None:
        followed.append((value, wanted))

    calls = [threads.begin(hanging, after) for _ in range(3)]
    threads.give_up(calls[0])
    threads.give_up(calls[1])
    assert followed == [(None, False)]  # the second: it will never begin
    hanging.go_on()
    until(calls[2].done.ready)
    assert followed == [(None, False), ("went on", False), ("went on", True)]
    threads.close()


def test_without_any_thread_a_call_fails_and_the_next_one_tries_again() -> None:
    limited = LimitedThreads(0)
    threads = Threads(2, start_thread=limited)
    for _ in range(2):
        with pytest.raises(NoThreadError, match="can't start new thread"):
            threads.run(lambda: 5)
    limited.most = 1
    assert threads.run(lambda: 5) == 5
    threads.close()


def test_one_thread_serves_where_a_second_cannot_start() -> None:
    threads = Threads(2, start_thread=LimitedThreads(1))
    made = [gevent.spawn(threads.run, lambda: _sleep(0.01)) for _ in range(10)]
    gevent.joinall(made, timeout=5, raise_error=True)
    assert threads.count == 1
    threads.close()


def test_closing_fails_who_waits_and_ends_threads_though_one_hangs() -> None:
    before, threads, hanging = native_threads(), Threads(2), Hanging()
    threads.run(lambda: None)
    waiting = gevent.spawn(threads.run, hanging)
    gevent.sleep(0.05)
    threads.close()
    with pytest.raises(OSError, match="the job has ended"):
        waiting.get(timeout=5)
    assert threads.count == 1
    hanging.go_on()
    until(lambda: not threads.count, 2)  # not after a while, as an idle one
    until(lambda: native_threads() <= before)


def test_a_forked_process_has_threads_of_its_own() -> None:
    threads = Threads(1)
    threads.run(lambda: None)
    child = os.fork()
    if not child:
        os._exit(threads.run(lambda: 7))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    threads.close()


def test_no_greenlet_of_threading_is_made() -> None:
    before, threads = threading.active_count(), Threads(1)
    threads.run(lambda: None)
    assert threading.active_count() == before
    threads.close()
