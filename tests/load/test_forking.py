"""The processes of workers: real ones, each ended within the test."""

from __future__ import annotations

import errno
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import gevent
import pytest

from fthg.clock import SECOND, Clock
from fthg.errors import StartError
from fthg.load.forking import (
    Ends,
    Work,
    Worker,
    end_workers,
    hear_out,
    show_status,
    start_workers,
)
from fthg.load.messages import Inbox, send
from fthg.load.parent_death import die_with
from fthg.load.plan import Slice


def wait_for_ever(_: Slice, ends: Ends) -> NoReturn:
    die_with(ends.parent)
    while True:
        signal.pause()


def echo(slice_: Slice, ends: Ends) -> NoReturn:
    die_with(ends.parent)
    for each in ends.inherited:
        each.close()
    inbox = Inbox(ends.line)
    while (command := inbox.receive()) is not None:
        send(ends.line, (slice_.part, command))
    os._exit(3)


@contextmanager
def started(work: Work, count: int = 1) -> Iterator[list[Worker]]:
    workers = start_workers(count, work, Clock())
    try:
        yield list(workers)
    finally:
        for worker in workers:
            worker.kill()
            worker.close()


def test_each_has_its_own_line_which_ends_with_the_parents_end_of_it() -> None:
    with started(echo, 3) as workers:
        for number, worker in enumerate(workers):
            worker.command("go")
            assert worker.inbox.receive() == (number, "go")
        for worker in workers:  # no other worker holds it open
            worker.line.shutdown(socket.SHUT_WR)
            assert worker.inbox.receive() is None
            assert show_status(worker.reap(Clock())) == "it ended with status 3"


def test_commands_to_a_worker_that_takes_none_do_not_wait() -> None:
    with started(wait_for_ever) as (worker,):
        os.kill(worker.pid, signal.SIGSTOP)
        with gevent.Timeout(5):
            for _ in range(10_000):
                worker.command("reopen")
        end_workers([worker], Clock())


@pytest.mark.parametrize("stop", [False, True])
def test_one_that_does_not_end_is_killed_and_the_loop_turns_meanwhile(stop: bool) -> None:
    with started(wait_for_ever) as (worker,):
        if stop:
            os.kill(worker.pid, signal.SIGSTOP)
        turns: list[int] = []
        counting = gevent.spawn(_count_turns, turns)
        assert show_status(worker.reap(Clock())) == "it was ended by SIGKILL"
        counting.kill()
        assert len(turns) > 5
        assert not os.path.exists(f"/proc/{worker.pid}")


def _count_turns(turns: list[int]) -> None:
    clock = Clock()
    while True:
        clock.sleep_until(clock.now() + SECOND // 50)
        turns.append(clock.now())


def test_what_a_killed_one_has_sent_is_read_before_its_line_ends() -> None:
    with started(echo) as (worker,):
        worker.command("last")
        time.sleep(0.5)
        worker.kill()
        assert worker.inbox.receive() == (0, "last")
        assert worker.inbox.receive() is None
        worker.reap(Clock())


def test_if_one_cannot_be_started_none_is_left_and_the_limit_is_named() -> None:
    pids: list[int] = []

    def fork() -> int:
        if len(pids) == 2:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        pid = os.fork()
        if pid:
            pids.append(pid)
        return pid

    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(
        StartError, match=r"process 3 of 4 cannot be started: .*ulimit -u, TasksMax"
    ):
        start_workers(4, wait_for_ever, Clock(), fork)
    assert len(pids) == 2
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)
    assert len(os.listdir("/proc/self/fd")) == before


def test_they_are_heard_out_without_the_loop_until_all_have_ended() -> None:
    with started(echo, 2) as workers:
        numbered = dict(enumerate(workers))
        for worker in workers:
            worker.command("go")
        began = time.monotonic()
        assert sorted(hear_out(numbered, 0.3)) == [(0, (0, "go")), (1, (1, "go"))]
        assert time.monotonic() - began >= 0.3
        for worker in workers:
            worker.command("last")
            worker.line.shutdown(socket.SHUT_WR)
        assert sorted(hear_out(numbered, 30)) == [(0, (0, "last")), (1, (1, "last"))]
        assert time.monotonic() - began < 20
        for worker in workers:  # they are there for whoever reaps them
            assert show_status(worker.reap(Clock())) == "it ended with status 3"
