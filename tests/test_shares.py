"""Shares of several jobs in the same threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Optional

import gevent
import pytest
from gevent import monkey

from fthg.access import FileThreads
from fthg.mounts import Mount
from fthg.shares import Share
from fthg.threads import Call, NoThreadError, Threads
from tests.limited_threads import LimitedThreads
from tests.waiting import until

_lock = monkey.get_original("_thread", "allocate_lock")


@pytest.fixture
def held() -> Iterator[Callable[[], object]]:
    """A call that hangs until the end of the test."""
    lock = _lock()
    lock.acquire()
    yield lambda: lock.acquire(timeout=20) and lock.release()
    lock.release()


def test_a_job_whose_calls_hang_leaves_threads_to_the_others(held: Callable[[], object]) -> None:
    threads = Threads(3)
    hung, other = Share(threads, 2), Share(threads, 2)
    for _ in range(10):
        hung.begin(held)
    with gevent.Timeout(5):
        assert [other.run(lambda: 7) for _ in range(5)] == [7] * 5
    assert threads.count == 3
    hung.close()
    other.close()


def test_all_calls_of_a_job_are_made_in_their_order() -> None:
    share, order = Share(Threads(4), 1), list[int]()
    calls: list[Call[None]] = [share.begin(partial(order.append, at)) for at in range(20)]
    for call in calls:
        assert call.done.wait(5)
    assert order == list(range(20))
    share.close()


def test_closing_fails_those_who_wait_and_no_other_job(held: Callable[[], object]) -> None:
    threads = Threads(2)
    closed, other = Share(threads, 1), Share(threads, 2)
    calls = [closed.begin(held) for _ in range(3)]
    others = [other.begin(os.getpid) for _ in range(3)]
    closed.close()
    for call in calls:
        with pytest.raises(OSError, match="the job has ended"):
            call.result()
    assert all(call.done.wait(5) and call.result() == os.getpid() for call in others)
    other.close()


def test_the_threads_end_with_the_last_share() -> None:
    before = threading.active_count()
    threads = Threads(2)
    first, second = Share(threads, 2), Share(threads, 2)
    first.run(os.getpid)
    second.run(os.getpid)
    first.close()
    assert threads.count > 0
    second.close()
    until(lambda: threads.count == 0)
    assert threading.active_count() == before


def test_a_call_given_up_before_it_began_is_never_made(held: Callable[[], object]) -> None:
    share, made = Share(Threads(1), 1), list[Optional[bool]]()
    share.begin(held)

    def make() -> None:
        made.append(None)

    call: Call[None] = share.begin(make, lambda _, wanted: made.append(wanted))
    share.give_up(call)
    assert made == [False]
    assert call.done.ready()
    share.close()


def test_a_thread_that_cannot_start_fails_the_call_and_the_next_one_can() -> None:
    limited = LimitedThreads(0)
    share = Share(Threads(2, start_thread=limited), 1)
    for _ in range(2):
        with pytest.raises(NoThreadError):
            share.run(os.getpid)
    limited.most = 1
    assert share.run(os.getpid) == os.getpid()
    share.close()


def test_a_forked_process_has_a_whole_share(held: Callable[[], object]) -> None:
    share = Share(Threads(1), 1)
    share.begin(held)
    child = gevent.os.fork()
    if not child:
        os._exit(0 if share.run(lambda: 7) == 7 else 1)
    assert os.waitpid(child, 0)[1] == 0
    share.close()


def test_a_mount_that_hangs_stops_the_files_of_no_other(held: Callable[[], object]) -> None:
    mounts = [Mount("1", "/", "ext4"), Mount("2", "/mnt/a", "nfs4"), Mount("3", "/mnt/b", "nfs4")]
    threads = FileThreads(mounts)
    hung = [threads.share(f"/mnt/a/{job}") for job in range(100)]
    for share in hung:
        share.begin(held)
    others = [threads.share(path) for path in ("/mnt/b", "/mnt/b/x", "/mnt/ab", "/", "files")]
    with gevent.Timeout(5):
        assert [share.run(lambda: 7) for share in others] == [7] * 5
    assert hung[0].count == 32
    assert hung[0] is not hung[1]
    for share in (*hung, *others):
        share.close()
