"""The processes of workers: real ones, each ended within the test."""

from __future__ import annotations

import errno
import os
import signal
from typing import NoReturn

import pytest

from fthg.clock import Clock
from fthg.errors import StartError
from fthg.load.forking import start_workers
from fthg.processes.child import ChildEnds, show_status
from fthg.processes.messages import send
from fthg.processes.parent_death import die_with
from fthg.slices import Slice


def wait_for_ever(_: Slice, ends: ChildEnds) -> NoReturn:
    die_with(ends.parent)
    while True:
        signal.pause()


def tell_slice(slice_: Slice, ends: ChildEnds) -> NoReturn:
    die_with(ends.parent)
    send(ends.line, slice_)
    os._exit(3)


def test_each_has_a_slice_of_its_own() -> None:
    for number, worker in enumerate(start_workers(3, tell_slice, Clock())):
        assert worker.inbox.receive() == Slice(number, 3)
        assert show_status(worker.reap(Clock())) == "it ended with status 3"
        worker.close()


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
