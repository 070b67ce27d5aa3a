"""The start of a run, and the moment from which on it sends."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from fthg.clock import SECOND
from fthg.errors import StartError
from fthg.load.anchoring import start_of
from fthg.load.pacing.constant import Constant
from fthg.load.plan import Plan
from tests.fakes import FakeClock

from .snapshots import job

READY = SECOND // 1000


def started(clock: FakeClock, ahead: float, **changes: Any) -> tuple[int, Plan]:
    """The start of a run whose start moment is so many seconds ahead."""
    plan = Plan("r1", (job(pacer=Constant(Fraction(100)), duration=60.0),))
    plan = replace(plan, start_at=clock.utc() + round(ahead * SECOND), **changes)
    return start_of(plan, clock, READY, lambda _: 0)


def test_without_a_start_moment_it_starts_once_it_is_ready() -> None:
    clock = FakeClock()
    clock.pass_by(7 * SECOND)
    plan = Plan("r1", (job(),))
    assert start_of(plan, clock, READY, lambda _: 0) == (7 * SECOND + READY, plan)


@pytest.mark.parametrize("join", [True, False])
def test_it_starts_at_a_moment_to_come_exactly(join: bool) -> None:
    clock = FakeClock()
    clock.pass_by(7 * SECOND)
    began, plan = started(clock, 1.5, join=join)
    assert began == 8 * SECOND + SECOND // 2
    assert plan.jobs[0].joined is None


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (-61, r"the start moment, 2026-.*Z, was over 1m 01s ago; .* --join"),
        (0.0002, r"the start moment, 2026-.*Z, will be over 800µs before all is ready; .* --join"),
    ],
)
def test_a_moment_that_is_over_when_it_is_ready_is_an_error_that_says_by_how_much(
    ahead: float, said: str
) -> None:
    with pytest.raises(StartError, match=said):
        started(FakeClock(), ahead)


def test_who_joins_sends_nothing_that_falls_due_until_it_is_ready_for_certain() -> None:
    clock = FakeClock()
    began, plan = started(clock, -10, join=True)
    assert began == -10 * SECOND
    joined = plan.jobs[0].joined
    assert joined is not None
    first_due = began + joined.first * SECOND // 100
    assert clock.now() + SECOND // 10 < first_due < clock.now() + SECOND


def test_a_slice_without_jobs_does_not_wait_for_its_moment() -> None:
    clock = FakeClock()
    plan = Plan("r1", (), start_at=clock.utc() - 61 * SECOND)
    assert start_of(plan, clock, READY, lambda _: 0) == (clock.now() + READY, plan)
