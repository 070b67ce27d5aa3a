from __future__ import annotations

from fractions import Fraction
from typing import Any, Optional

import pytest

from fthg.load.expected import dispatch_seconds, expected_arrivals, expected_seconds
from fthg.load.plan import Plan, Source

from .pacing.short_pacers import Bursts, Twice
from .snapshots import job

ONCE = Source("/files", repeat=False)


@pytest.mark.parametrize(
    ("changes", "duration", "arrivals", "ends"),
    [
        ({}, None, None, None),
        ({"count": 5}, None, 5, 0.4),
        ({"count": 5, "start_after": 2.0}, None, 5, 2.4),
        ({"duration": 1.5}, None, 15, 1.4),
        ({"duration": 1.55}, 60.0, 16, 1.5),
        ({"start_after": 58.0}, 60.0, 20, 59.9),
        ({"start_after": 61.0}, 60.0, 0, 61.0),
        ({"source": ONCE}, None, 3, 0.2),
        ({"rate": Fraction(1, 7), "count": 3}, None, 3, 14.0),
        ({"rate": None, "duration": 9.0}, None, None, 9.0),
        ({"rate": None, "count": 9}, None, 9, None),
        ({"pacer": Bursts(), "count": 12}, None, 12, 2.0),
        ({"pacer": Bursts(), "duration": 2.5}, None, 15, 2.0),
        ({"pacer": Twice()}, None, 2, 1.0),
        ({"pacer": Twice(), "count": 20}, None, 2, 1.0),
    ],
)
def test_counts_and_ends_are_those_of_the_pacer_and_the_nearest_limit(
    changes: dict[str, Any],
    duration: Optional[float],
    arrivals: Optional[int],
    ends: Optional[float],
) -> None:
    one = job(**changes)
    plan = Plan("r", (one,), duration=duration)
    assert expected_arrivals(one, plan, listed=3) == arrivals
    assert expected_seconds(one, plan, arrivals) == ends


def test_a_job_dispatches_no_longer_than_its_pacer() -> None:
    plan = Plan("r", (), duration=60.0)
    assert dispatch_seconds(job(pacer=Twice()), plan) == 2.0
    assert dispatch_seconds(job(pacer=Twice(), duration=1.0), plan) == 1.0
    assert dispatch_seconds(job(), plan) == 60.0
