"""The limit of open files."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import replace

import pytest

from fthg.load.descriptors import allow_descriptors
from fthg.load.files.source import Source
from fthg.load.pacing import pacer
from fthg.load.plan import Job, Plan

JOB = Job("a", "http://h/", "http", Source("files"), pacer("1/s"), open=True, limit=10)


@pytest.fixture
def hard() -> Iterator[int]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    hard = before[1] if before[1] != resource.RLIM_INFINITY else 1 << 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def soft() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def plan(jobs: int, limit: int) -> Plan:
    return Plan("r", tuple(replace(JOB, name=f"j{number}", limit=limit) for number in range(jobs)))


@pytest.mark.usefixtures("hard")
def test_few_jobs_leave_the_limit_as_it_is() -> None:
    allow_descriptors(plan(2, 10))
    assert soft() == 256


@pytest.mark.usefixtures("hard")
def test_many_jobs_get_what_they_may_need() -> None:
    allow_descriptors(plan(50, 4))
    assert soft() == 100 + 50 * (1 + 2 * 4)


def test_the_hard_limit_is_the_most(hard: int) -> None:
    allow_descriptors(plan(1000, 1 << 20))
    assert soft() >= min(hard, 1 << 16)
    assert soft() <= hard
