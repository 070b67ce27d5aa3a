from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing.constant import Constant
from fthg.load.pacing.schedule import Schedule
from fthg.load.pacing.stages import Stages

from ..short_stages import STAGES
from .laws import RATES
from .short_pacers import Twice


@given(RATES, st.integers(0, 10**9), st.integers(0, 10**18))
def test_an_arrival_is_never_a_nanosecond_off(rate: Fraction, arrival: int, start: int) -> None:
    due = Schedule(start, Constant(rate)).due(arrival)
    assert due is not None
    assert 0 <= start + arrival / rate * SECOND - due < 1


@given(RATES, st.integers(0, 10_000), st.integers(0, 10**15), st.integers(1, 8))
def test_at_a_constant_rate_what_is_late_moves_all_later_arrivals(
    rate: Fraction, arrival: int, moment: int, step: int
) -> None:
    schedule, plain = Schedule(0, Constant(rate)), Constant(rate)
    assert schedule.following(arrival, moment, step) == arrival + step
    gap = plain.due(arrival + step) - plain.due(arrival)
    assert schedule.due(arrival + step) == max(plain.due(arrival), moment) + gap


@given(STAGES, st.integers(0, 100), st.integers(0, 200 * SECOND), st.integers(1, 8))
def test_stages_keep_to_the_clock_and_what_fell_due_meanwhile_is_skipped(
    pacer: Stages, arrival: int, moment: int, step: int
) -> None:
    schedule, start = Schedule(7, pacer), 7
    due = pacer.due(arrival)
    following = schedule.following(arrival, start + moment, step)
    assert following > arrival
    assert following % step == arrival % step
    if due is None or moment <= due:
        assert following == arrival + step
        return
    then, skipped = pacer.due(following), pacer.due(following - step)
    assert then is None or then > moment
    assert following == arrival + step or (skipped is not None and skipped <= moment)


def test_after_the_last_arrival_there_is_nothing_to_skip() -> None:
    schedule = Schedule(5, Twice())
    assert [schedule.due(n) for n in range(3)] == [5, 5 + SECOND, None]
    assert schedule.following(2, 100 * SECOND, 1) == 3
