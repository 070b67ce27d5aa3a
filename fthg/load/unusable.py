"""Finds all that a run cannot start with, so that it is reported together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..clock import Clock
from ..errors import StartError
from .files.passes import names
from .plan import Plan
from .planning import make_senders
from .process import Names


def listed_names(plan: Plan, clock: Clock) -> Mapping[str, Names]:
    """Return the files of each job; StartError with these errors and those of all senders."""
    listed: dict[str, Names] = {}
    errors: list[str] = []
    for job in plan.jobs:
        try:
            listed[job.name] = names(job.source, clock.utc)
        except StartError as error:
            errors += (f"jobs.{job.name}: {line}" for line in error.errors)
    if errors:
        raise StartError(*errors, *sender_errors(plan, clock))
    return listed


def sender_errors(plan: Plan, clock: Clock) -> Iterator[str]:
    """Yield the errors for which senders cannot be made; those that can are closed again."""
    try:
        for sender in make_senders(plan, clock).values():
            sender.close()
    except StartError as error:
        yield from error.errors
