from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

from hypothesis import given
from hypothesis import strategies as st

from fthg.load.dividing import for_slice, for_worker, part_of_slice, slice_of_part
from fthg.load.plan import Job, Plan
from fthg.slices import Slice

from .snapshots import job, limits, senders

NAMED = st.one_of(st.none(), st.integers(1, 60))


def jobs(limit: Optional[int], connections: Optional[int]) -> list[Job]:
    named = limit is not None
    changes: dict[str, Any] = {
        "limit": limit or 256,
        "limit_named": named,
        "connections": connections,
    }
    return [job(name=name, **changes) for name in ("orders", "invoices", "über")]


def processes(plan: Plan, slices: int, workers: int) -> list[Plan]:
    return [
        for_worker(for_slice(plan, Slice(part, slices)), Slice(worker, workers))
        for part in range(slices)
        for worker in range(workers)
    ]


@given(NAMED, NAMED, st.integers(1, 12), st.integers(1, 5))
def test_every_arrival_is_sent_by_one_process_and_named_limits_add_up(
    limit: Optional[int], connections: Optional[int], slices: int, workers: int
) -> None:
    plan = Plan("r1", tuple(jobs(limit, connections)))
    parts = processes(plan, slices, workers)
    for whole in plan.jobs:
        mine = [one for part in parts for one in part.jobs if one.name == whole.name]
        sent = [n for one in mine for n in range(one.slice.part, 500, one.slice.of)]
        assert sorted(sent) == list(range(500))
        assert all(one.limit >= 1 and one.options.connections >= 1 for one in mine)
        if limit is not None:
            assert sum(one.limit for one in mine) == limit
        if connections is not None:
            assert sum(one.options.connections for one in mine) == connections


@given(st.integers(1, 12), st.integers(1, 5))
def test_stages_of_senders_are_shared_whatever_their_number(slices: int, workers: int) -> None:
    stages = senders("6 for 1m, to 50 over 1m")
    whole = job(open=False, limit=50, senders=stages)
    parts = processes(Plan("r1", (whole,)), slices, workers)
    shares = [one.slice for part in parts for one in part.jobs]
    assert len(shares) <= 6
    for level in (6, 7, 49, 50):
        assert sum(one.share(level) for one in shares) == level
        assert min(one.share(level) for one in shares) >= 1


@given(st.integers(1, 50), st.integers(1, 50), st.text(min_size=1, max_size=20))
def test_each_part_has_a_slice_of_its_own_that_leads_back_to_it(
    of: int, parts: int, name: str
) -> None:
    parts = min(parts, of)
    whose = [slice_of_part(part, of, parts, name) for part in range(parts)]
    assert len(set(whose)) == parts
    assert [part_of_slice(one, parts, name) for one in whose] == list(range(parts))


def test_where_all_slices_have_a_part_arrival_n_is_in_slice_n_mod_n() -> None:
    for part in range(7):
        (mine,) = for_slice(Plan("r1", (job(),)), Slice(part, 7)).jobs
        assert mine.slice == Slice(part, 7)


def test_the_parts_of_a_job_are_where_they_are_whichever_other_jobs_are_chosen() -> None:
    plan = Plan("r1", tuple(jobs(2, None)))
    alone = replace(plan, jobs=plan.jobs[1:2])
    for part in range(5):
        slice_ = Slice(part, 5)
        among = [one for one in for_slice(plan, slice_).jobs if one.name == "invoices"]
        assert among == list(for_slice(alone, slice_).jobs)


def test_jobs_with_one_part_are_not_all_in_the_first_slice() -> None:
    many = tuple(job(name=f"job{number}", open=False, limit=1) for number in range(60))
    counts = [len(for_slice(Plan("r1", many), Slice(part, 10)).jobs) for part in range(10)]
    assert sum(counts) == 60
    assert max(counts) < 20


def test_a_slice_is_judged_by_the_merge_alone() -> None:
    limited = job(limits=limits("failed < 1%"))
    plan = Plan("r1", (limited,), limits=limits("missing == 0"))
    part = for_slice(plan, Slice(1, 3))
    assert part.limits.thresholds == part.jobs[0].limits.thresholds == ()
