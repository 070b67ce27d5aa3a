from __future__ import annotations

import io
import signal
from collections.abc import Iterator
from typing import cast

import pytest
from rich.console import Console

from fthg.load.run import Run
from fthg.signals import load_signals

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    before = [(number, signal.getsignal(number)) for number in NUMBERS]
    yield
    for number, handler in before:
        signal.signal(number, handler)


class NoRun:
    """A run that receives no signal."""

    def reopen(self) -> None:
        raise NotImplementedError


def test_while_a_run_ends_a_stop_interrupts_it_and_a_log_rotation_does_not_end_it() -> None:
    with load_signals(cast("Run", NoRun()), Console(file=io.StringIO())):
        pass
    assert [signal.getsignal(number) for number in NUMBERS] == [
        signal.default_int_handler,
        signal.default_int_handler,
        signal.SIG_IGN,
        signal.SIG_IGN,
    ]
