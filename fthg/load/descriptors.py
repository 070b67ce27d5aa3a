"""Raises the limit of open files as far as a plan with many jobs may need it."""

from __future__ import annotations

import resource
from contextlib import suppress

from .plan import Job, Plan

_OTHERS = 100
"""Descriptors of the program itself: its modules, outputs and logs."""

_OF_A_TRANSFER = 2
"""The connection, and the file that is read."""


def allow_descriptors(plan: Plan) -> None:
    """Raise the soft limit of this process as far as needed, and at most to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OTHERS + sum(map(_of_job, plan.jobs))
    if soft == resource.RLIM_INFINITY or wanted <= soft:
        return
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(ValueError, OSError):  # the system's own limit is lower
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def _of_job(job: Job) -> int:
    """Return how many descriptors a job may use: its directory, and those of its transfers."""
    return 1 + _OF_A_TRANSFER * job.limit
