"""Durations measured by a process of their own, and what happens when it cannot."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Optional
from uuid import uuid4

import gevent
import pytest
from gevent.event import Event
from hypothesis import given
from hypothesis import strategies as st

from fthg.track.durations import measure_durations
from fthg.track.durations_process import DurationsProcess
from fthg.track.figures import State
from fthg.track.ledger import Ledger
from fthg.track.measure import measure

from .ledgers import DAY, MINUTE, SECOND, START, Pair, pair, row, uuid
from .watching import watching
from .world import END, JumpingClock, World

SOME = [pair(n, n * MINUTE, 1000 + n * n) for n in range(100)]


@contextmanager
def _open(ledger: Ledger) -> Iterator[DurationsProcess]:
    with closing(DurationsProcess()) as process:
        process.open(ledger)
        ledger.hide()
        yield process


def _pair(ledger: Ledger, pairs: Sequence[Pair]) -> None:
    ledger.add("ingress", [ingress for ingress, _ in pairs if ingress])
    ledger.add("egress", [egress for _, egress in pairs if egress])
    ledger.pair(START + DAY)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(Ledger(START, START + DAY, MINUTE)) as ledger:
        yield ledger


@pytest.fixture(scope="module")
def reused() -> Iterator[tuple[Ledger, DurationsProcess]]:
    """Yield a ledger and its process, which examples use one after another."""
    with closing(Ledger(START, START + DAY, MINUTE)) as ledger, _open(ledger) as process:
        yield ledger, process


times = st.none() | st.integers(0, DAY)


@given(st.lists(st.tuples(times, times)))
def test_it_measures_after_each_pairing_what_the_ledger_measures_itself(
    reused: tuple[Ledger, DurationsProcess], ends: list[tuple[Optional[int], Optional[int]]]
) -> None:
    ledger, process = reused
    for side in ("ingress", "egress"):
        ledger.stage(side)
        ledger.adopt(side)
    _pair(
        ledger,
        [
            (row(uuid(n), n, ingress), row(uuid(n), 2 * n, egress))
            for n, (ingress, egress) in enumerate(ends)
        ],
    )
    assert process.measure() == measure_durations(ledger.query)


def test_a_process_that_has_ended_measures_nothing(ledger: Ledger) -> None:
    with _open(ledger) as process:
        _pair(ledger, SOME)
        assert process.measure() is not None
        os.kill(process.companion.pid, signal.SIGKILL)
        assert process.measure() is None
        assert process.measure() is None


def test_a_ledger_that_cannot_be_read_has_no_durations(ledger: Ledger) -> None:
    with _open(ledger) as process:
        assert process.measure() is None  # nothing is paired yet
        _pair(ledger, SOME)
        assert process.measure() is not None


def test_one_that_is_no_longer_wanted_ends_with_its_process(ledger: Ledger) -> None:
    with _open(ledger) as process:
        _pair(ledger, SOME)
        os.kill(process.companion.pid, signal.SIGSTOP)
        measuring = gevent.spawn(process.measure)
        gevent.sleep(0.1)
        with gevent.Timeout(20):
            measuring.kill()
        assert not os.path.exists(f"/proc/{process.companion.pid}")


@pytest.mark.parametrize("killed", [False, True])
def test_figures_are_whole_with_and_without_the_process(world: World, killed: bool) -> None:
    for n in range(20):
        key = str(uuid4())
        world.insert("ingress", (key, f"f{n}", START + n, START + 2 * n, "SUCCESS"))
        world.insert("egress", (key, f"f{n}", START + 3 * n, START + n * n + 1000, "SUCCESS"))
    plan, clock = world.plan(), JumpingClock(END + 86_400 * SECOND)
    with watching(plan, clock, Event()) as made:
        if killed:
            os.kill(made.processes.durations.companion.pid, signal.SIGKILL)
        (found,) = made.watch.polls()
        assert found.transit is not None
        assert found.transit.count == 20
        assert found == measure(plan, made.ledger, found.snapshot, State.FINAL)
