"""The text of a job in the live view and in status lines (pure)."""

from __future__ import annotations

from ... import units
from ...clock import SECOND
from ..stats.job_snapshot import JobSnapshot


def status_line(job: JobSnapshot, rate: float) -> str:
    """Format a job for a log: `orders running 1m 00s, 5/s of 5/s, 298 ok, 2 failed, …`."""
    name = job.name
    if job.state == "waiting":
        return f"{name} waiting, starts in {whole_seconds(1 + job.starts_in)}"
    outcomes = job.metrics.outcomes
    progress = job.progress
    share = "" if progress is None else f" ({int(100 * progress)}%)"
    pace = f"{show_rate(rate)} of {target(job)}, " if job.state == "running" else ""
    return (
        f"{name} {job.state} {whole_seconds(job.dispatching)}{share}, {pace}"
        f"{outcomes['ok']} ok, {outcomes['failed']} failed, {outcomes['dropped']} dropped, "
        f"{in_flight(job)} in flight, p95 {p95(job)}"
    )


def p95(job: JobSnapshot) -> str:
    """Format the 95th percentile of the service times of ok transfers so far."""
    times = job.metrics.service_time
    return units.show_duration(times.percentile(95) / SECOND) if times.count else "–"


def target(job: JobSnapshot) -> str:
    """Format the target rate of this moment; stages that are over have none."""
    if job.job.pacer.end is not None and job.state in {"stopping", "done"}:
        return "–"
    rate = job.rate_now
    return "max" if rate is None else show_rate(rate)


def limit(job: JobSnapshot) -> int:
    """Return how many transfers may be in flight at this moment."""
    senders = job.job.senders
    if senders is None:
        return job.job.limit
    return int(senders.rate_at(round(job.dispatching * SECOND)) or 0)


def in_flight(job: JobSnapshot) -> str:
    """Format the transfers in flight: `3`, or `3/50` where the number of senders changes."""
    changes = job.job.senders is not None and job.state == "running"
    return f"{job.in_flight}/{limit(job)}" if changes else str(job.in_flight)


def show_rate(rate: float) -> str:
    """Format a rate; a pause is `0/s`, not `0/d`."""
    return units.show_rate(rate) if rate else "0/s"


def show_count(number: int) -> str:
    """Format a count in at most seven characters."""
    if number < 1_000_000:
        return str(number)
    if number < 1_000_000_000:
        return f"{number / 1_000_000:.1f}M"
    return f"{number / 1_000_000_000:.1f}G"


def whole_seconds(seconds: float) -> str:
    """Format a duration without fractions, as what is redrawn often: `0s`, `59s`, `1m 30s`."""
    whole = max(0, int(seconds))
    return units.show_duration(whole) if whole else "0s"


def narrow_duration(seconds: float) -> str:
    """Format a duration for a column: `10m00s`, as with a space two side by side would touch."""
    return units.show_duration(seconds).replace(" ", "")
