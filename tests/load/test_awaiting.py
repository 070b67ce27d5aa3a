"""Waiting for the start moment by the wall clock."""

from __future__ import annotations

from typing import Optional

import gevent
from gevent.event import Event

from fthg.clock import SECOND
from fthg.load.awaiting import await_moment
from tests.fakes import FakeClock

HOUR = 3600 * SECOND


class SteppedClock(FakeClock):
    """Its wall clock is set by `step` when its other one shows `at`, as an administrator might."""

    def __init__(self, at: int = 0, step: int = 0) -> None:
        super().__init__()
        self.at, self.step = at, step

    def utc(self) -> int:
        return super().utc() + (self.step if self.now() >= self.at else 0)


def waited(clock: FakeClock, hours: int) -> int:
    """Wait for a moment; by how much it was over then."""
    moment = clock.utc() + hours * HOUR
    assert await_moment(moment, clock, Event(), lambda: None, 60)
    return clock.utc() - moment


def test_it_ends_at_the_moment_to_the_nanosecond() -> None:
    assert waited(FakeClock(), 5) == 0


def test_a_wall_clock_that_is_put_back_meanwhile_is_followed() -> None:
    clock = SteppedClock(at=HOUR, step=-20 * 60 * SECOND)
    assert waited(clock, 3) == 0
    assert clock.now() == 3 * HOUR + 20 * 60 * SECOND


def test_one_that_is_put_forward_or_a_host_that_was_suspended_is_noticed_within_a_second() -> None:
    clock = SteppedClock(at=HOUR + 1, step=HOUR)  # the other clock stands still in a suspended host
    assert waited(clock, 3) == 0
    assert clock.now() == 2 * HOUR
    assert 0 <= waited(SteppedClock(at=HOUR + 1, step=5 * HOUR), 3) - 3 * HOUR <= SECOND


def test_a_stop_ends_it_at_once() -> None:
    clock, stop = FakeClock(), Event()

    def interrupt() -> None:
        clock.sleep_until(1000 * SECOND + 1)
        stop.set()

    gevent.spawn(interrupt)
    assert not await_moment(clock.utc() + HOUR, clock, stop, lambda: None, 60)
    assert clock.now() == 1000 * SECOND + 1


def test_it_is_shown_at_first_and_then_at_each_interval() -> None:
    clock = FakeClock()
    shown: list[Optional[int]] = []

    def show() -> None:
        shown.append(clock.now() // SECOND)

    await_moment(clock.utc() + 200 * SECOND, clock, Event(), show, 60)
    assert shown == [0, 60, 120, 180]
