"""Starts spread over a period."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing import pacer
from fthg.load.spread import SPREAD_OVER, spread


def row(rate: str, **keys: Any) -> dict[str, Any]:
    closed = {"rate": pacer(rate), "spread": True, "arrivals": "even", "start_after": 0.0}
    return {**closed, **keys}


def starts(*rows: dict[str, Any]) -> list[float]:
    return [data["start_after"] for data in spread(rows)]


def test_row_i_of_n_starts_i_nth_of_a_period_later() -> None:
    assert starts(*[row("1 every 30s")] * 4) == [0, 7.5, 15, 22.5]
    assert starts(row("120/hour"), row("1 every 30s", start_after=2.5)) == [0, 17.5]


def test_only_rows_of_the_same_period_share_it() -> None:
    rates = ["1/s", "2/s", "1/s", "20/10s", "4/min"]
    assert starts(*map(row, rates)) == [0, 0, 0.5, 0.25, 0]
    assert SPREAD_OVER not in spread([row("4/min")])[0]


def test_what_has_no_period_starts_at_once() -> None:
    assert starts(*[row("max")] * 3) == [0, 0, 0]
    assert starts(*[row("1/s", arrivals="poisson")] * 3) == [0, 0, 0]
    assert starts(*[row("1/s", spread=False)] * 3) == [0, 0, 0]


@given(st.integers(2, 200), st.integers(1, 10**6))
def test_starts_are_even_to_the_nanosecond_and_within_the_period(rows: int, seconds: int) -> None:
    found = starts(*[row(f"1 every {seconds}s")] * rows)
    for place, start in enumerate(found):
        exact = Fraction(seconds * SECOND * place, rows)
        assert abs(round(start * SECOND) - exact) <= 1
    assert found[-1] < seconds
