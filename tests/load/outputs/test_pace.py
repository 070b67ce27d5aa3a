from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fthg.load.outputs.pace import Pace

from ..snapshots import pacer


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
