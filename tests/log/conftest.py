from __future__ import annotations

import gc
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fthg.log import Logs, LogSettings, start
from tests.garbage import earlier_objects_left_alone
from tests.screen import Screen, screen

from .waking import FakeClock

Opener = Callable[..., Logs]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def opened(clock: FakeClock) -> Iterator[Opener]:
    """Open logs with any of console, file, syslog and secrets; close them after the test."""
    logs: list[Logs] = []

    def opener(**outputs: Any) -> Logs:
        logs.append(start(LogSettings(**outputs), clock))
        return logs[-1]

    with earlier_objects_left_alone():
        yield opener
        for each in logs:
            each.close()
        # A thread that looks up names must not collect an output: the lock of logging is gevent's,
        # and such a thread has no hub.
        logs.clear()
        gc.collect()


def datagrams(path: str) -> socket.socket:
    """Listen as a local syslog server does."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.bind(path)
    made.settimeout(20)
    return made


@pytest.fixture(name="screen")
def plain_screen() -> Iterator[Screen]:
    """A console that is not a terminal."""
    with screen() as made:
        yield made
