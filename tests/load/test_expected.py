from __future__ import annotations

from fractions import Fraction
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.load.expected import (
    dispatch_seconds,
    expected_arrivals,
    expected_seconds,
    final_count,
    never_sends,
)
from fthg.load.files.source import Source
from fthg.load.plan import Plan
from fthg.slices import Slice

from .pacing.short_pacers import Bursts, Twice
from .snapshots import job, senders, stages

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
        ({"pacer": Twice()}, None, 2, 2.0),
        ({"pacer": Twice(), "count": 20}, None, 2, 2.0),
        ({"pacer": Twice(), "count": 1}, None, 1, 0.0),
        ({"pacer": Twice(), "duration": 1.5}, None, 2, 1.5),
        ({"pacer": stages("10/s for 5s, to 20/s over 10s, 0/s for 5s")}, None, 200, 20.0),
        ({"pacer": stages("10/s for 5s, to 20/s over 10s")}, 10.0, 113, 10.0),
        ({"pacer": stages("10/s for 5s, max for 5s"), "open": False}, None, None, 10.0),
        ({"senders": senders("1 for 5s, 2 for 5s"), "open": False}, None, 100, 10.0),
        ({"senders": senders("1 for 5s"), "rate": None, "open": False}, None, None, 5.0),
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


def test_a_job_that_starts_after_the_end_of_the_run_never_sends() -> None:
    plan = Plan("r", (), duration=60.0)
    assert never_sends(job(start_after=60.0), plan)
    assert not never_sends(job(start_after=59.9), plan)
    assert not never_sends(job(start_after=100.0), Plan("r", ()))


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"duration": 1.5}, 15),
        ({"pacer": stages("10/s for 5s, 0/s for 5s")}, None),
        ({"pacer": stages("10/s for 5s"), "count": 7}, 7),
        ({"pacer": stages("10/s for 5s"), "source": ONCE}, 3),
        ({"senders": senders("1 for 5s"), "open": False}, None),
    ],
)
def test_where_stages_end_a_job_no_count_tells_how_far_it_is(
    changes: dict[str, Any], count: Optional[int]
) -> None:
    assert final_count(job(**changes), Plan("r", ()), listed=3) == count


@given(of=st.integers(1, 40), count=st.integers(1, 200))
def test_the_slices_of_a_job_have_all_its_arrivals_and_the_last_of_them_ends_it(
    of: int, count: int
) -> None:
    whole = job(count=count)
    plan = Plan("r", (whole,))
    slices = [job(count=count, slice=Slice(part, of)) for part in range(of)]
    shares = [expected_arrivals(one, plan, 0) for one in slices]
    assert sum(share or 0 for share in shares) == count
    assert [final_count(one, plan, 0) for one in slices] == shares
    ends = [expected_seconds(one, plan, share) for one, share in zip(slices, shares)]
    assert max(end for end in ends if end is not None) == expected_seconds(whole, plan, count)
