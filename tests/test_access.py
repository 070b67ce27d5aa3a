"""The way to a job's files: without a thread where that is safe."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Optional

import gevent
import pytest
from gevent import monkey

from fthg.access import Access, NoAnswerError

_ident = monkey.get_original("_thread", "get_ident")
_sleep = monkey.get_original("time", "sleep")


@pytest.fixture
def local() -> Iterator[Access]:
    with closing(Access(local=True)) as access:
        yield access


@pytest.fixture
def distant() -> Iterator[Access]:
    with closing(Access(local=False, timeout=0.1)) as access:
        yield access


def test_a_local_file_system_needs_no_thread_and_another_one_does(
    local: Access, distant: Access
) -> None:
    assert local(_ident) == _ident()
    assert local.threads.count == 0
    assert distant(_ident) != _ident()
    assert distant.threads.count == 1


def test_errors_come_back_from_both_ways(local: Access, distant: Access) -> None:
    for access in (local, distant):
        with pytest.raises(FileNotFoundError):
            access(lambda: os.stat("/nowhere/at/all"))


def test_what_does_not_answer_is_given_up_while_others_wait_no_longer_than_they_would(
    distant: Access,
) -> None:
    def hangs() -> None:
        _sleep(1)

    began = time.monotonic()
    waiting = [gevent.spawn(distant, hangs) for _ in range(10)]
    gevent.joinall(waiting, timeout=5)
    assert time.monotonic() - began < 1
    assert all(isinstance(each.exception, NoAnswerError) for each in waiting)
    assert distant.threads.count == 2


def test_what_follows_a_call_happens_in_any_case(local: Access, distant: Access) -> None:
    followed = list[tuple[Optional[int], bool]]()

    def after(value: Optional[int], wanted: bool) -> None:
        followed.append((value, wanted))

    for access in (local, distant):
        access(lambda: 5, after)
        with pytest.raises(ZeroDivisionError):
            access(lambda: 1 // 0, after)
    assert followed == [(5, True), (None, True)] * 2


def test_what_nobody_waits_for_is_done_all_the_same(local: Access, distant: Access) -> None:
    done = list[int]()
    local.later(lambda: done.append(_ident()))
    distant.later(lambda: done.append(_ident()))
    distant(lambda: None)
    gevent.sleep(0.05)
    assert done[0] == _ident() != done[1]
