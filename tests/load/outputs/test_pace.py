from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any, Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.outputs.pace import Pace
from fthg.load.pacing import Pacer, Stages

from ..short_stages import STAGES
from ..snapshots import pacer, stages


def sent_until(elapsed: float, rate: Fraction, lag: float = 0.0) -> int:
    """Return how many files are sent from 0 on, each so much later than it was due."""
    return max(0, floor((Fraction(elapsed) - Fraction(lag)) * rate) + 1)


RATES = st.fractions(Fraction(1, 86_400), 1_000_000, max_denominator=86_400)
STEPS = st.lists(
    st.tuples(
        st.floats(1e-9, 5) | st.floats(1e-9, 0.02), st.floats(0, 0.0009, allow_subnormal=False)
    ),
    min_size=1,
    max_size=60,
)
UNDISTURBED = [(5.0, 0.0)] * 12


@given(RATES, STEPS)
@example(Fraction(100), [(0.01, 0.0)])  # two arrivals in 10 ms: the first, and the one at its end
@example(Fraction(100), [(0.01, 0.0009)])
@example(Fraction(100), [(1e-9, 0.0), (0.01, 0.0)])
@example(Fraction(1_000_000), [(1e-9, 0.0)])
@example(Fraction(1_000_000), [(1e-6, 0.0), (1e-6, 0.0009)])
@example(Fraction(1, 5), UNDISTURBED)  # each view is drawn at an arrival
@example(Fraction(1, 5), [(5.0, lag) for lag in (0.0009, 0.0)] * 6)
@example(Fraction(1, 86_400), UNDISTURBED)
def test_an_undisturbed_job_shows_its_target_at_any_moment(
    rate: Fraction, steps: list[tuple[float, float]]
) -> None:
    pace, elapsed = Pace(pacer(rate)), 0.0
    for step, lag in steps:
        elapsed += step
        assert pace.rate(elapsed, sent_until(elapsed, rate, lag)) == float(rate)


def test_an_undisturbed_job_shows_its_target_before_any_time_has_passed() -> None:
    assert [Pace(pacer(Fraction(100))).rate(0.0, sent) for sent in (0, 1)] == [100.0, 100.0]


@given(RATES, RATES, st.floats(1e-9, 10))
@example(Fraction(100), Fraction(200), 0.01)
@example(Fraction(100), Fraction(200), 0.1)
def test_what_is_shown_is_at_most_a_file_and_a_millisecond_away_from_what_was_sent(
    target: Fraction, rate: Fraction, elapsed: float
) -> None:
    sent = sent_until(elapsed, rate)
    shown = Pace(pacer(target)).rate(elapsed, sent)
    allowed = (1 + 0.001 * float(target)) / elapsed
    assert shown == pytest.approx(sent / elapsed, rel=1e-9, abs=allowed * (1 + 1e-9))


@given(st.floats(0, 100, allow_subnormal=False), st.integers(0, 10**6))
@example(0.0, 50)
@example(0.000_001, 50)
def test_a_job_at_full_speed_never_shows_more_than_it_has_sent(elapsed: float, sent: int) -> None:
    assert Pace(pacer(None)).rate(elapsed, sent) <= sent


@given(st.floats(1, 100), st.integers(0, 10**6))
def test_a_job_at_full_speed_shows_what_it_sends_a_second(elapsed: float, sent: int) -> None:
    assert Pace(pacer(None)).rate(elapsed, sent) == sent / elapsed


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    pace = Pace(pacer(Fraction(10)))
    for quarter in range(400):
        elapsed = quarter / 4
        rate = pace.rate(elapsed, int(10 * min(elapsed, 60)))
    assert rate == 0.0


def test_the_rate_forgets_also_where_it_is_seldom_asked() -> None:
    pace = Pace(pacer(None))
    assert pace.rate(60, 600) == 10.0
    assert pace.rate(120, 720) == 2.0
    assert pace.rate(180, 720) == 0.0


def due_until(rate: Stages, elapsed: float) -> int:
    return rate.arrivals(round(elapsed * SECOND) + 1) or 0


@given(STAGES, STEPS)
@example(stages("10/s for 1s, 0/s for 5s, 20/s for 1s"), [(0.25, 0.0)] * 28)
@example(stages("3/s for 500ms"), [(0.333333333, 0.0)])
def test_an_undisturbed_job_shows_the_target_of_its_stage_at_any_moment(
    rate: Stages, steps: list[tuple[float, float]]
) -> None:
    pace, elapsed = Pace(rate), 0.0
    for step, lag in steps:
        elapsed += step
        shown = pace.rate(elapsed, due_until(rate, max(0.0, elapsed - lag)))
        assert shown == float(rate.rate_at(round(elapsed * SECOND)) or 0)


def shown_after(rate: Pacer, sent: Any, seconds: float, every: float = 0.25) -> float:
    """Return what the live view shows where `sent` says how many were sent until a time."""
    pace, shown = Pace(rate), 0.0
    for turn in range(round(seconds / every) + 1):
        shown = pace.rate(turn * every, int(sent(turn * every)))
    return shown


def test_a_ramp_that_is_only_half_followed_shows_what_was_sent_lately() -> None:
    ramp = stages("to 100/s over 100s")
    # Half of the arrivals until t are t²/4; the rate of the moment is t/2.
    assert shown_after(ramp, lambda t: t * t / 4, 80) == pytest.approx(40, rel=0.1)
    assert shown_after(ramp, lambda t: t * t / 4, 4) == pytest.approx(2, abs=1)


def test_soon_after_a_step_what_was_sent_before_it_is_forgotten() -> None:
    step = stages("10/s for 60s, 100/s for 60s")
    assert shown_after(step, lambda t: 10 * t if t < 60 else 600 + 20 * (t - 60), 63) == (
        pytest.approx(20, rel=0.1)
    )


def test_a_slow_stage_does_not_show_the_fast_one_before_it_for_hours() -> None:
    step = stages("100/s for 1h, 1/h for 10h")
    assert shown_after(step, lambda t: 90 * min(t, 3600), 3700, every=1) < 1


def test_a_pause_shows_nothing() -> None:
    pause = stages("10/s for 60s, 0/s for 60s")
    assert shown_after(pause, lambda t: 9 * min(t, 60), 62) == 0


def test_a_part_at_max_shows_what_it_sends_though_more_was_due_before() -> None:
    part = stages("100/s for 60s, max for 60s")
    sent = shown_after(part, lambda t: 100 * t if t < 60 else 6000 + 20 * (t - 60), 63)
    assert sent == pytest.approx(20, rel=0.1)


def test_a_part_at_max_after_a_pause_shows_only_what_it_sends_itself() -> None:
    part = stages("0/s for 60s, max for 60s")
    assert shown_after(part, lambda t: 20 * max(0, t - 60), 62) == pytest.approx(20, rel=0.1)


class Random(Pacer):
    """Ten random arrivals a second on average."""

    text = "random"

    @property
    def even(self) -> Pacer:
        return pacer(Fraction(10))

    @classmethod
    def read(cls, value: Any) -> Optional[Pacer]:  # noqa: ARG003
        return None

    def due(self, arrival: int) -> int:
        return arrival * SECOND // 10

    def rate_at(self, time: int) -> Fraction:  # noqa: ARG002
        return Fraction(10)


def test_random_arrivals_are_measured_and_not_taken_for_their_mean() -> None:
    assert shown_after(Random(), lambda t: 10 * t + 1, 5) == pytest.approx(10.2)
