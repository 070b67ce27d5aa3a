"""Fixtures and options of all tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """Restore signals: fthg ignores them at its end, and so would a process that a test starts."""
    before = [(number, signal.getsignal(number)) for number in _NUMBERS]
    yield
    for number, action in before:
        if action is not None and signal.getsignal(number) is not action:
            signal.signal(number, action)
