from __future__ import annotations

from fractions import Fraction
from typing import Union

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing.pieces import Piece, Pieces

from .shapes import PIECES

WEEK = 7 * 86_400 * SECOND
ZERO = Fraction(0)

# Some arrivals in each nanosecond: roots are then small, and every rounding shows.
BILLIONS = st.integers(0, 9).map(lambda level: Fraction(level * SECOND))
DENSE = st.lists(st.builds(Piece, st.integers(1, 10), BILLIONS, BILLIONS), min_size=1, max_size=3)


def trapezoids(pieces: list[Piece], until: int) -> Fraction:
    """Return the integral up to a time, computed piece by piece."""
    total = ZERO
    for piece in pieces:
        passed = min(until, piece.length)
        total += (piece.first + piece.value(passed)) / 2 * Fraction(passed, SECOND)
        until -= passed
    return total


@given(PIECES, st.integers(0, 600 * SECOND))
def test_the_integral_is_the_area_below_the_rate(pieces: list[Piece], time: int) -> None:
    assert Pieces(pieces).amount(time) == trapezoids(pieces, time)
    assert Pieces(pieces).amount(-1) == 0


@given(
    st.one_of(PIECES, DENSE),
    st.one_of(st.integers(0, 200), st.fractions(0, 2000, max_denominator=10**6)),
)
def test_the_latest_moment_of_an_amount_is_exact_to_the_nanosecond(
    pieces: list[Piece], amount: Union[int, Fraction]
) -> None:
    made = Pieces(pieces)
    latest = made.latest(amount)
    if latest is None:
        assert made.amount(made.end) <= amount
    else:
        assert 0 <= latest < made.end
        assert made.amount(latest) <= amount < made.amount(latest + 1)


@pytest.mark.parametrize(("first", "last"), [(0, 4), (4, 0), (2, 2)])
def test_after_weeks_an_arrival_is_not_a_nanosecond_off(first: int, last: int) -> None:
    made = Pieces([Piece(3 * WEEK + 1, first + Fraction(1, 7), last + Fraction(1, 7))])
    total = int(made.amount(made.end))
    for arrival in (0, 1, 12_345, total // 2, total - 1, total):
        latest = made.latest(arrival)
        assert latest is not None
        assert made.amount(latest) <= arrival < made.amount(latest + 1)


def test_in_a_pause_the_next_arrival_waits_for_its_end() -> None:
    one, pause = Piece(SECOND, Fraction(1), Fraction(1)), Piece(5 * SECOND, ZERO, ZERO)
    assert [Pieces([one, pause, one]).latest(n) for n in range(3)] == [0, 6 * SECOND, None]
    assert [Pieces([pause, one]).latest(n) for n in range(2)] == [5 * SECOND, None]


def test_a_rate_is_that_of_its_piece_and_nothing_after_the_end() -> None:
    made = Pieces([Piece(10, ZERO, Fraction(5)), Piece(10, Fraction(1), Fraction(1))])
    assert [made.value(time) for time in (0, 5, 10, 19, 20)] == [0, Fraction(5, 2), 1, 1, 0]
