"""Fixtures and options of all tests."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


@pytest.fixture(autouse=True, scope="module")
def _earlier_objects_left_alone() -> None:
    """Leave what exists by now out of collections: thousands of tests are not of fthg's making.

    Python would look through all of them, for a second, while a test measures who is held up.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """Restore signals: fthg ignores them at its end, and so would a process that a test starts."""
    before = [(number, signal.getsignal(number)) for number in _NUMBERS]
    yield
    for number, action in before:
        if action is not None and signal.getsignal(number) is not action:
            signal.signal(number, action)
