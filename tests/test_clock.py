from __future__ import annotations

import time

import gevent

from fthg.clock import SECOND, Clock


def test_now_only_moves_forward() -> None:
    clock = Clock()
    readings = [clock.now() for _ in range(1000)]
    assert readings == sorted(readings)


def test_utc_is_the_time_of_day() -> None:
    assert abs(Clock().utc() / SECOND - time.time()) < 5


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
