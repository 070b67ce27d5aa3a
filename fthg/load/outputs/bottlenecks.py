"""Warnings where fthg or its own limits, not the server, limited what was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from ... import units
from ...clock import SECOND
from ...text import zoned
from ..standstills import AFTER, STOOD_STILL
from ..stats.job_snapshot import JobSnapshot
from ..stats.snapshot import RunSnapshot
from .host_limits import UNKNOWN, current_limits, host_limit_findings

_LATE = SECOND // 20
_BUSY = 0.9
_SHORTEST = 0.5  # seconds: in a shorter run the start and the end of fthg are most of the work
_DAY = 86_400
_SHOWN = 5
_NAMED = 3  # jobs in a sentence
_CAUGHT_UP = 1.5
_REASONS = 20
_OPENING = ("resolving", "connecting", "handshaking", "authenticating")
"""The phases of opening a connection."""


def bottlenecks(run: RunSnapshot) -> Iterator[str]:
    """Yield a warning for each bottleneck, with its remedy."""
    yield from _busy(run)
    yield from _standstills(run)
    yield from _lost_workers(run)
    yield from _of_jobs(run)


def lasting_bottlenecks(run: RunSnapshot) -> Iterator[str]:
    """Yield the warnings without those of a moment: standstills and lost workers."""
    yield from _busy(run)
    yield from _of_jobs(run)


def _busy(run: RunSnapshot) -> Iterator[str]:
    some = any(job.sent for job in run.jobs)
    if some and run.seconds >= _SHORTEST and run.cpu / run.seconds > _BUSY:
        yield (
            f"fthg used {units.show_share(int(1000 * run.cpu), int(1000 * run.seconds))} of one "
            "CPU core: it was the bottleneck. Lower the rate or share the load among processes."
        )


def _of_jobs(run: RunSnapshot) -> Iterator[str]:
    yield from _late(run)
    for job in run.jobs:
        yield from _dropped_by(job)
    limits = UNKNOWN if run.reading else current_limits()
    yield from host_limit_findings(run.figures.total["errors"], limits)
    if run.results_lost:
        yield (
            f"{run.results_lost} lines of the results file could not be written and are lost; "
            "the figures here are complete."
        )


def _lost_workers(run: RunSnapshot) -> Iterator[str]:
    for one in run.lost_workers:
        what = "did not end and was killed" if one.killed else f"died: {one.cause}"
        who = f"Worker {one.worker} (pid {one.pid}) {what}."
        if one.reported is None:
            yield f"{who} It never reported, so nothing of it is counted here."
        else:
            moment = zoned(run.utc(one.reported), "%H:%M:%S", run.plan.zone[0])
            yield (
                f"{who} Its last report counts, of {moment}; "
                f"{one.in_flight} transfers that were in flight then are cancelled here, whatever "
                "their outcome was."
            )


def _standstills(run: RunSnapshot) -> Iterator[str]:
    """Yield the longest standstills, by start."""
    by_length = sorted(run.standstills, key=lambda one: one.length, reverse=True)
    form = "%H:%M:%S" if run.seconds < _DAY else "%m-%d %H:%M"
    for one in sorted(by_length[:_SHOWN]):
        lasted = units.show_duration(one.length / SECOND)
        start = zoned(run.utc(one.start), form, run.plan.zone[0])
        dropped = f"; {_arrivals(one.dropped)} dropped" if one.dropped else ""
        yield f"fthg stood still for {lasted} from {start} on: {one.cause}{dropped}."
    if by_length[_SHOWN:]:
        shorter = units.show_duration(sum(one.length for one in by_length[_SHOWN:]) / SECOND)
        yield f"fthg stood still {len(by_length) - _SHOWN} more times, for {shorter} together."


def _late(run: RunSnapshot) -> Iterator[str]:
    """Yield one sentence for all jobs whose transfers started late: they share the host."""
    late = {job.name: _lateness(job, len(run.standstills)) for job in run.jobs}
    late = {name: lateness for name, lateness in late.items() if lateness > _LATE}
    if late:
        more = f" and {len(late) - _NAMED} more jobs" if len(late) > _NAMED else ""
        to = "up to " if len(late) > 1 else ""
        longest = units.show_duration(max(late.values()) / SECOND)
        yield (
            f"{', '.join(list(late)[:_NAMED])}{more}: fthg started transfers late (lateness p99 "
            f"{to}{longest}): this host was too busy for the rate."
        )


def _dropped_by(job: JobSnapshot) -> Iterator[str]:
    dropped = job.metrics.outcomes["dropped"]
    limit = job.job.limit or "too many"
    stood_still = _dropped(job, lambda detail: detail == STOOD_STILL)
    if stood_still:
        yield (
            f"{job.name}: {_arrivals(stood_still)} dropped, as fthg stood still: the server has no "
            "part in that."
        )
    after = _dropped(job, lambda detail: detail.endswith(AFTER))
    if after:
        yield (
            f"{job.name}: {_arrivals(after)} dropped in the second after a standstill, as {limit} "
            "transfers were in flight (max_in_flight): more was due at once than usual."
        )
    others = dropped - stood_still - after
    if others > 0:
        yield (
            f"{job.name}: {_arrivals(others)} dropped, as {limit} transfers were in "
            f"flight (max_in_flight): {_slow_part(job)} for the rate, or the limit too low."
        )


def _arrivals(count: int) -> str:
    return f"{count} arrivals were" if count > 1 else f"{count} arrival was"


def _lateness(job: JobSnapshot, standstills: int) -> int:
    """Return the lateness p99 without the transfers that were caught up after standstills.

    These are a second's worth, at least one, for each, and some that fell due while they were
    started; they are the latest of all, or others that are as late say that the host was busy.
    """
    lateness = job.metrics.lateness
    rate = job.target_rate or (job.dispatching and job.metrics.scheduled / job.dispatching)
    caught_up = standstills * max(1, math.ceil(_CAUGHT_UP * rate))
    if not standstills or not lateness.count:
        return lateness.percentile(99)
    others = max(0, lateness.count - caught_up)
    return lateness.percentile(99 * others // lateness.count)


def _dropped(job: JobSnapshot, for_this: Callable[[str], bool]) -> int:
    details = job.metrics.details.get("dropped")
    if details is None:
        return 0
    return sum(count for detail, count in details.most(_REASONS) if for_this(detail))


def _slow_part(job: JobSnapshot) -> str:
    """Return what took most of the time of transfers, as the subject of a sentence.

    Failed ones, too, had their places among those in flight.
    """
    metrics = job.metrics
    whole = metrics.service_time.sum + metrics.service_time_failed.sum
    opening = sum(
        phases[name].sum
        for phases in (metrics.phases, metrics.phases_failed)
        for name in _OPENING
        if name in phases
    )
    if whole and opening > whole / 2:
        share = units.show_share(opening, whole)
        return f"connecting took {share} of the time of transfers and is too slow"
    return "the server is too slow"
