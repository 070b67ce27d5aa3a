"""Child processes: real ones, each ended within the test."""

from __future__ import annotations

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
from fthg.processes.child import (
    Child,
    ChildEnds,
    Work,
    drain_children,
    end_children,
    fork_child,
    show_status,
)
from fthg.processes.messages import Inbox, send
from fthg.processes.parent_death import die_with


def wait_for_ever(ends: ChildEnds) -> NoReturn:
    die_with(ends.parent)
    while True:
        signal.pause()


def echo(ends: ChildEnds) -> NoReturn:
    die_with(ends.parent)
    for each in ends.inherited:
        each.close()
    inbox = Inbox(ends.line)
    while (command := inbox.receive()) is not None:
        send(ends.line, command)
    os._exit(3)


@contextmanager
def started(work: Work, count: int = 1) -> Iterator[list[Child]]:
    children: list[Child] = []
    for _ in range(count):
        children.append(fork_child(work, children))
    try:
        yield children
    finally:
        for child in children:
            child.kill()
            child.close()


def test_each_has_its_own_line_which_ends_with_the_parents_end_of_it() -> None:
    with started(echo, 3) as children:
        for child in children:
            child.command("go")
            assert child.inbox.receive() == "go"
        for child in children:  # no other child holds it open
            child.line.shutdown(socket.SHUT_WR)
            assert child.inbox.receive() is None
            assert show_status(child.reap(Clock())) == "it ended with status 3"


def test_commands_to_a_child_that_takes_none_do_not_wait() -> None:
    with started(wait_for_ever) as (child,):
        os.kill(child.pid, signal.SIGSTOP)
        with gevent.Timeout(5):
            for _ in range(10_000):
                child.command("reopen")
        end_children([child], Clock())


@pytest.mark.parametrize("stop", [False, True])
def test_one_that_does_not_end_is_killed_and_the_loop_turns_meanwhile(stop: bool) -> None:
    with started(wait_for_ever) as (child,):
        if stop:
            os.kill(child.pid, signal.SIGSTOP)
        turns: list[int] = []
        counting = gevent.spawn(_count_turns, turns)
        assert show_status(child.reap(Clock())) == "it was ended by SIGKILL"
        counting.kill()
        assert len(turns) > 5
        assert not os.path.exists(f"/proc/{child.pid}")


def _count_turns(turns: list[int]) -> None:
    clock = Clock()
    while True:
        clock.sleep_until(clock.now() + SECOND // 50)
        turns.append(clock.now())


def test_what_a_killed_one_has_sent_is_read_before_its_line_ends() -> None:
    with started(echo) as (child,):
        child.command("last")
        time.sleep(0.5)
        child.kill()
        assert child.inbox.receive() == "last"
        assert child.inbox.receive() is None
        child.reap(Clock())


def test_they_are_heard_out_without_the_loop_until_all_have_ended() -> None:
    with started(echo, 2) as children:
        numbered = dict(enumerate(children))
        for child in children:
            child.command("go")
        began = time.monotonic()
        assert sorted(drain_children(numbered, 0.3)) == [(0, "go"), (1, "go")]
        assert time.monotonic() - began >= 0.3
        for child in children:
            child.command("last")
            child.line.shutdown(socket.SHUT_WR)
        assert sorted(drain_children(numbered, 30)) == [(0, "last"), (1, "last")]
        assert time.monotonic() - began < 20
        for child in children:  # they are there for whoever reaps them
            assert show_status(child.reap(Clock())) == "it ended with status 3"
