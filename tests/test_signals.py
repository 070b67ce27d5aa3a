from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from typing import cast

import gevent
import pytest

from fthg.load.run import Run
from fthg.signals import load_signals
from fthg.writing.terminal import Terminal
from fthg.writing.text_stream import TextStream

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    before = [(number, signal.getsignal(number)) for number in NUMBERS]
    yield
    for number, handler in before:
        signal.signal(number, handler)


class FakeRun:
    """A run that notes what reaches it."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.over = self.ending = False

    def stop(self, reason: str) -> None:
        self.notes.append(reason)

    def cut(self, reason: str) -> None:
        self.notes.append(reason)

    def hurry(self) -> None:
        self.notes.append("hurried")

    def reopen(self) -> None:
        self.notes.append("reopened")


def noted(run: FakeRun, *numbers: signal.Signals) -> list[str]:
    terminal = Terminal(TextStream(2))
    with ExitStack() as last, load_signals(terminal, terminal, last) as follow:
        follow(cast("Run", run))
        for number in numbers:
            os.kill(os.getpid(), number)
            gevent.sleep(0.1)
    return run.notes


def test_the_first_stop_is_graceful_the_second_cuts_and_further_ones_are_nothing() -> None:
    numbers = (signal.SIGHUP, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGINT)
    assert noted(FakeRun(), *numbers) == [
        "reopened",
        "stopped by SIGTERM",
        "reopened",
        "hurried",
        "cut by SIGINT",
    ]


def test_a_run_that_ends_can_only_be_told_to_hurry() -> None:
    run = FakeRun()
    run.over = run.ending = True
    assert noted(run, *NUMBERS, *NUMBERS) == ["hurried"]


def test_after_the_run_no_signal_is_deadly() -> None:
    noted(FakeRun())
    assert [signal.getsignal(number) for number in NUMBERS] == [signal.SIG_IGN] * 4
