from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from gevent import monkey

from fthg.listener import Listener

sleep = monkey.get_original("time", "sleep")
NUMBERS = (signal.SIGUSR1, signal.SIGUSR2)


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    before = [(number, signal.getsignal(number)) for number in NUMBERS]
    yield
    for number, handler in before:
        signal.signal(number, handler)


def test_it_receives_signals_while_the_main_thread_blocks_until_it_is_closed() -> None:
    received: list[signal.Signals] = []
    before = descriptors()
    listener = Listener(NUMBERS, received.append)
    listener.start()
    for number in (*NUMBERS, *NUMBERS):
        os.kill(os.getpid(), number)
        sleep(0.1)
    assert received == [*NUMBERS, *NUMBERS]
    listener.close()
    os.kill(os.getpid(), NUMBERS[0])
    sleep(0.1)
    assert len(received) == 4
    assert descriptors().items() <= before.items()  # of an earlier test one may have been open


def descriptors() -> dict[str, str]:
    found = {}
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # that of the directory itself
            found[name] = os.readlink(f"/proc/self/fd/{name}")
    return found


HELD = """
from gevent import monkey
monkey.patch_all()
import os, signal, sys, time
from fthg.countdown import Countdown
from fthg.listener import Listener

turns = 0

def hold():
    held = listener.hold_main_thread(5)
    before = turns
    monkey.get_original("time", "sleep")(0.2)
    print(held, before > 0, turns == before, flush=True)
    os._exit(0)

listener = Listener([signal.SIGUSR1], lambda _: None)
listener.start()
countdown = Countdown(0.2, hold)
countdown.start("a test")
countdown.begin()
while True:
    turns += 1
    if "read" in sys.argv:
        os.read(os.pipe()[0], 1)
"""


@pytest.mark.parametrize("how", ["loop", "read"])
def test_it_holds_a_main_thread_that_loops_or_waits(how: str) -> None:
    began = time.monotonic()
    shown = subprocess.run(
        [sys.executable, "-c", HELD, how], capture_output=True, text=True, timeout=30, check=False
    )
    assert (shown.stdout, shown.stderr) == ("True True True\n", "")
    assert time.monotonic() - began < 5
