"""Divides a plan among machines, and on each of them among its workers (pure)."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

from ..protocols import SENDERS
from ..slices import Slice
from .plan import Job, Limits, Plan


def for_slice(plan: Plan, slice_: Slice) -> Plan:
    """Return the part of a run that one machine sends; the merge of all of them is judged.

    A job that all slices share has arrival n in slice n mod N. One with fewer parts begins at
    another slice in each job, by its name: else the first ones had all of them.
    """
    jobs = []
    for job in plan.jobs:
        parts = job.parts(slice_.of)
        part = part_of_slice(slice_, parts, job.name)
        if part < parts:
            jobs.append(replace(part_of_job(job, Slice(part, parts)), limits=Limits()))
    outputs = {key: path for key, path in plan.outputs.items() if key != "junit"}
    return replace(
        plan,
        jobs=tuple(jobs),
        slice=slice_,
        limits=Limits(),
        outputs=outputs,
        baseline_file=None,
    )


def part_of_slice(slice_: Slice, parts: int, job: str) -> int:
    """Return which of its parts of a job a slice has; none if that is not below `parts`."""
    return (slice_.part + _turned(slice_.of, parts, job)) % slice_.of


def slice_of_part(part: int, of: int, parts: int, job: str) -> Slice:
    """Return the slice, of `of`, that has a part of a job: see `part_of_slice`."""
    return Slice((part - _turned(of, parts, job)) % of, of)


def _turned(of: int, parts: int, job: str) -> int:
    """Return by how many slices the parts of a job are rotated; it depends on the job alone."""
    return 0 if parts == of else crc32(job.encode("utf-8", "surrogatepass")) % of


def for_worker(plan: Plan, worker: Slice) -> Plan:
    """Return one worker's part of a plan: its arrivals, its share of limits and connections.

    A job has at most as many parts as each of its named limits allows. The first part, often the
    only one, is another worker's in each job: else the first worker had more to do than the others.
    """
    jobs = []
    for number, job in enumerate(plan.jobs):
        part, parts = (worker.part + number) % worker.of, job.parts(worker.of)
        if part < parts:
            jobs.append(part_of_job(job, Slice(part, parts)))
    return replace(plan, jobs=tuple(jobs), worker=worker)


def part_of_job(job: Job, slice_: Slice) -> Job:
    """Return one part of a job, or of a part; limits that are not named are 1 at least in each."""
    limit = max(1, slice_.share(job.limit))
    named = None if job.connections is None else slice_.share(job.connections)
    connections = default_connections(job.protocol, limit) if named is None else named
    whose = job.slice.part_of(slice_)
    options = replace(job.options, connections=connections, part=whose.part)
    return replace(job, slice=whose, limit=limit, connections=named, options=options)


def default_connections(protocol: str, transfers: int) -> int:
    """Return the connections of a part of a job with this many transfers at once."""
    return SENDERS[protocol].default_connections or transfers
