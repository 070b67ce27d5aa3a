from __future__ import annotations

from fractions import Fraction
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.load.outputs.job_view import Pace, status_line

from ..results_of import dropped, result
from ..views import view


@given(
    st.fractions(Fraction(1, 100), 100, max_denominator=1000),
    st.lists(st.floats(0.01, 5), min_size=1, max_size=60),
)
def test_an_undisturbed_job_shows_its_target_at_any_moment(
    rate: Fraction, steps: list[float]
) -> None:
    pace, elapsed = Pace(rate), 0.0
    for step in steps:
        elapsed += step
        arrivals = int(Fraction(elapsed) * rate) + 1
        assert pace.rate(elapsed, arrivals) == pytest.approx(float(rate), rel=0.2)


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    pace = Pace(Fraction(10))
    for quarter in range(400):
        elapsed = quarter / 4
        rate = pace.rate(elapsed, int(10 * min(elapsed, 60)))
    assert rate == 0.0


def test_the_rate_forgets_also_where_it_is_seldom_asked() -> None:
    pace = Pace(None)
    assert pace.rate(60, 600) == 10.0
    assert pace.rate(120, 720) == 2.0
    assert pace.rate(180, 720) == 0.0


def test_a_status_line_tells_all_in_one_line() -> None:
    failed = result(outcome="failed", error="status")
    line = status_line(view([result()] * 8 + [failed, dropped()]), 9.9)
    assert line == (
        "orders running 12s (40%), 9.9/s of 10/s, 8 ok, 1 failed, 1 dropped, 3 in flight, p95 20ms"
    )


def test_a_waiting_job_says_when_it_starts() -> None:
    assert status_line(view(state="waiting", elapsed=-90.0), 0) == (
        "orders waiting, starts in 1m 31s"
    )


def test_a_job_without_an_end_tells_no_share() -> None:
    line = status_line(view(duration=None, target=None, elapsed=0.2), 0.0)
    assert line.startswith("orders running 0s, 0/s of max, 0 ok")


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        ({"duration": None}, None),
        ({"duration": 24.0}, 0.5),
        ({"duration": 24.0, "count": 5}, 0.6),
        ({"duration": None, "count": 2}, 1.0),
        ({"elapsed": -5.0}, 0.0),
    ],
)
def test_progress_is_that_of_whichever_end_is_nearer(
    changes: dict[str, Any], share: Optional[float]
) -> None:
    assert view(**changes).progress == share
