from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
from gevent import monkey

from fthg.clock import Clock
from fthg.protocols.deadlines import Deadlines, TimeLimit, TimeUpError


def stay(deadlines: Deadlines, seconds: float) -> str:
    try:
        with deadlines:
            gevent.sleep(seconds)
    except TimeUpError:
        return "ended"
    return "left"


def test_only_greenlets_that_stay_too_long_are_ended() -> None:
    deadlines = Deadlines(0.2, Clock())
    stays = [gevent.spawn(stay, deadlines, seconds) for seconds in (5, 0.01, 5, 0.05)]
    assert [greenlet.get(timeout=3) for greenlet in stays] == ["ended", "left", "ended", "left"]


def test_a_greenlet_that_comes_later_has_its_own_time() -> None:
    deadlines = Deadlines(0.2, Clock())
    first = gevent.spawn(stay, deadlines, 5)
    gevent.sleep(0.1)
    second = gevent.spawn(stay, deadlines, 5)
    assert first.get(timeout=3) == "ended"
    assert not second.ready()
    assert second.get(timeout=3) == "ended"


def test_a_deadline_works_again_after_the_block_was_empty() -> None:
    deadlines = Deadlines(0.05, Clock())
    assert stay(deadlines, 0) == "left"
    gevent.sleep(0.15)
    assert gevent.spawn(stay, deadlines, 5).get(timeout=3) == "ended"


def test_a_greenlet_that_enters_again_is_ended_again() -> None:
    deadlines = Deadlines(0.05, Clock())

    def twice() -> list[str]:
        return [stay(deadlines, 5), stay(deadlines, 5)]

    assert gevent.spawn(twice).get(timeout=3) == ["ended", "ended"]


def test_a_block_that_is_left_by_an_error_is_left() -> None:
    deadlines = Deadlines(0.05, Clock())
    with pytest.raises(ValueError, match="own"), deadlines:
        raise ValueError("own")
    gevent.sleep(0.15)  # would be ended here


def test_a_greenlet_that_is_killed_within_is_forgotten() -> None:
    deadlines = Deadlines(60, Clock())
    waiting = gevent.spawn(stay, deadlines, 5)
    gevent.sleep(0)
    waiting.kill()
    assert not deadlines._ends


block = monkey.get_original("time", "sleep")


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    clock.lag.start(lambda _: None)
    yield clock
    clock.lag.stop()


Answered = Callable[[Clock, socket.socket], str]


def by_deadlines(clock: Clock, stream: socket.socket) -> str:
    try:
        with Deadlines(0.3, clock):
            return stream.recv(100).decode()
    except TimeUpError:
        return "late"


def by_time_limit(clock: Clock, stream: socket.socket) -> str:
    try:
        with TimeLimit(0.3, clock) as limit:
            return stream.recv(100).decode()
    except BaseException as error:
        if error is not limit:
            raise
        return "late"


@pytest.mark.parametrize("wait", [by_deadlines, by_time_limit])
@pytest.mark.parametrize("blocked", [0.5, 1.2])
def test_an_answer_that_came_while_the_loop_was_late_is_in_time(
    clock: Clock, wait: Answered, blocked: float
) -> None:
    pairs = [socket.socketpair() for _ in range(200)]
    waiting = [gevent.spawn(wait, clock, ours) for ours, _ in pairs]
    gevent.sleep(0.05)
    for _, theirs in pairs:
        theirs.send(b"answer")
    block(blocked)
    assert {greenlet.get(timeout=5) for greenlet in waiting} == {"answer"}
    for pair in pairs:
        for stream in pair:
            stream.close()


@pytest.mark.parametrize("wait", [by_deadlines, by_time_limit])
def test_after_a_standstill_an_answer_in_several_steps_is_in_time_but_none_later(
    clock: Clock, wait: Answered
) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        answered, silent = (gevent.spawn(wait, clock, stream) for stream in (ours, theirs))
        gevent.sleep(0.05)
        block(1.2)
        gevent.sleep(0.2)
        theirs.send(b"answer")
        assert answered.get(timeout=5) == "answer"
        assert silent.get(timeout=5) == "late"


def test_a_time_limit_raises_what_it_was_given(clock: Clock) -> None:
    with pytest.raises(socket.timeout), TimeLimit(0.05, clock, socket.timeout()):
        gevent.sleep(5)


def test_a_time_limit_that_is_left_in_time_does_nothing(clock: Clock) -> None:
    with TimeLimit(0.05, clock):
        pass
    gevent.sleep(0.15)  # would be ended here


@pytest.mark.parametrize("limit", [TimeLimit, Deadlines])
def test_what_is_left_while_the_rest_is_read_is_in_time(clock: Clock, limit: Any) -> None:
    block(1.2)
    with limit(0.05, clock):
        gevent.sleep(0.2)
    gevent.sleep(1.2)  # would be ended here
