from __future__ import annotations

import socket
import time

import gevent
from gevent import monkey
from gevent.event import Event

from fthg.clock import SECOND, Clock, let_others_run, run_loop_once
from tests.fakes import FakeClock


def test_now_only_moves_forward() -> None:
    clock = Clock()
    readings = [clock.now() for _ in range(1000)]
    assert readings == sorted(readings)


def test_utc_is_the_time_of_day() -> None:
    assert abs(Clock().utc() / SECOND - time.time()) < 5


def test_an_interruption_between_two_readings_does_not_move_one_clock_against_the_other() -> None:
    interruptions = [3 * SECOND]

    class Interrupted(FakeClock):
        def utc(self) -> int:
            if interruptions:
                self.pass_by(interruptions.pop())
            return super().utc()

    assert Interrupted(utc=5 * SECOND).utc_offset() == 5 * SECOND


def test_sleeping_never_ends_early_and_lets_others_run() -> None:
    clock, ran = Clock(), []
    gevent.spawn(lambda: ran.append(True))
    deadline = clock.now() + SECOND // 50
    clock.sleep_until(deadline)
    assert clock.now() >= deadline
    assert ran == [True]


def test_a_deadline_that_has_passed_costs_nothing() -> None:
    clock = Clock()
    began = clock.now()
    clock.sleep_until(began - 60 * SECOND)
    assert clock.now() - began < 5 * SECOND


def test_a_wait_ends_at_its_time_if_nothing_happens() -> None:
    clock = FakeClock()
    assert clock.wait(Event(), 5 * SECOND) is False
    assert clock.now() == 5 * SECOND


def test_a_wait_ends_with_the_event_and_time_does_not_jump_to_its_end_later() -> None:
    clock, event = FakeClock(), Event()

    def happen() -> None:
        clock.sleep_until(2 * SECOND)
        event.set()

    gevent.spawn(happen)
    assert clock.wait(event, 5 * SECOND) is True
    clock.sleep_until(3 * SECOND)
    assert clock.now() == 3 * SECOND


def test_a_wait_for_what_has_happened_takes_no_time() -> None:
    clock, event = FakeClock(), Event()
    event.set()
    assert clock.wait(event, 5 * SECOND) is True
    assert clock.now() == 0


def test_a_wait_for_a_greenlet_ends_with_it() -> None:
    clock = FakeClock()
    greenlet = gevent.spawn(clock.sleep_until, SECOND)
    assert clock.wait(greenlet, 5 * SECOND) is True
    assert clock.now() == SECOND


def test_a_wait_sees_what_happened_while_the_loop_was_late() -> None:
    clock, happened = Clock(), Event()
    ours, theirs = socket.socketpair()

    def read() -> None:
        if ours.recv(10):
            happened.set()

    with ours, theirs:
        gevent.spawn(read)
        gevent.spawn(theirs.send, b"answer")
        gevent.spawn(monkey.get_original("time", "sleep"), 0.3)
        assert clock.wait(happened, clock.now() + SECOND // 10)


def test_others_that_are_ready_run() -> None:
    ran: list[bool] = []
    gevent.spawn(ran.append, True)
    let_others_run()
    assert ran == [True]


def test_timers_that_are_due_run_between_two_turns_of_the_loop() -> None:
    ran: list[bool] = []
    timer = gevent.get_hub().loop.timer(0)
    timer.start(ran.append, True)
    try:
        run_loop_once()
    finally:
        timer.close()
    assert ran == [True]
