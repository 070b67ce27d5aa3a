from __future__ import annotations

import time

from gevent import monkey

from fthg.countdown import Countdown

# The test blocks its own thread, too: no loop turns meanwhile.
sleep = monkey.get_original("time", "sleep")


def acts_after(seconds: float, *, begin: bool, stop: bool) -> list[float]:
    """Start one, wait for longer than it counts, and return when it acted, if it did."""
    acted: list[float] = []
    countdown = Countdown(seconds, lambda: acted.append(time.monotonic()))
    countdown.start("a test")
    began = time.monotonic()
    if begin:
        countdown.begin()
    if stop:
        countdown.stop()
    sleep(seconds + 0.3)
    countdown.stop()
    return [moment - began for moment in acted]


def test_it_acts_some_seconds_after_it_has_begun() -> None:
    (after,) = acts_after(0.2, begin=True, stop=False)
    assert after >= 0.2


def test_it_does_not_act_if_it_is_stopped_or_never_begins() -> None:
    assert acts_after(0.1, begin=True, stop=True) == []
    assert acts_after(0.1, begin=False, stop=True) == []
    assert acts_after(0.1, begin=False, stop=False) == []
