"""The phases of one transfer, measured by a clock that the test moves."""

from __future__ import annotations

from fthg.clock import SECOND
from fthg.protocols.stopwatch import Stopwatch
from tests.fakes import FakeClock


def test_each_phase_has_its_time() -> None:
    clock = FakeClock()
    watch = Stopwatch(clock.now)
    for phase, seconds in (("connecting", 1), ("sending", 2), ("waiting", 3)):
        watch.enter(phase)
        clock.pass_by(seconds * SECOND)
    assert watch.phases() == {"connecting": 1.0, "sending": 2.0, "waiting": 3.0}


def test_the_phase_that_runs_is_known() -> None:
    watch = Stopwatch(FakeClock().now)
    assert watch.phase is None
    watch.enter("sending")
    assert watch.phase == "sending"
    watch.phases()
    assert watch.phase is None


def test_a_first_phase_can_be_named_at_the_start() -> None:
    clock = FakeClock()
    watch = Stopwatch(clock.now, "blocked")
    clock.pass_by(SECOND)
    watch.enter("sending")
    clock.pass_by(2 * SECOND)
    assert watch.phases() == {"blocked": 1.0, "sending": 2.0}


def test_a_phase_that_comes_again_is_added_up() -> None:
    clock = FakeClock()
    watch = Stopwatch(clock.now)
    for phase in ("sending", "waiting", "sending"):
        watch.enter(phase)
        clock.pass_by(SECOND)
    assert watch.phases() == {"sending": 2.0, "waiting": 1.0}


def test_a_phase_that_took_no_time_is_reported_too() -> None:
    watch = Stopwatch(FakeClock().now, "blocked")
    watch.enter("sending")
    assert watch.phases() == {"blocked": 0.0, "sending": 0.0}


def test_time_between_two_phases_belongs_to_none() -> None:
    clock = FakeClock()
    watch = Stopwatch(clock.now)
    clock.pass_by(SECOND)
    watch.enter("sending")
    watch.enter(None)
    clock.pass_by(SECOND)
    watch.enter("waiting")
    assert watch.phases() == {"sending": 0.0, "waiting": 0.0}


def test_a_phase_can_begin_at_an_earlier_moment() -> None:
    clock = FakeClock()
    watch = Stopwatch(clock.now, "blocked")
    clock.pass_by(10 * SECOND)
    watch.enter("connecting", at=2 * SECOND)
    watch.enter("handshaking", at=5 * SECOND)
    assert watch.phases() == {"blocked": 2.0, "connecting": 3.0, "handshaking": 5.0}


def test_phases_ends_the_measurement() -> None:
    clock = FakeClock()
    watch = Stopwatch(clock.now, "sending")
    clock.pass_by(SECOND)
    assert watch.phases() == {"sending": 1.0}
    clock.pass_by(SECOND)
    assert watch.phases() == {"sending": 1.0}


def test_nothing_entered_is_nothing_reported() -> None:
    assert Stopwatch(FakeClock().now).phases() == {}
