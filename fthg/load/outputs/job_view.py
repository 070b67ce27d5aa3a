"""What the live view shows of a job: a snapshot, and the lines made of it (pure)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import Optional

from ... import units
from ...clock import SECOND
from ..stats.metrics import Metrics

STATES = ("waiting", "running", "stopping", "done")

_WINDOW = 10.0
_SAMPLES = 40
_JITTER = 0.001


@dataclass(frozen=True)
class JobView:
    """One job now; durations in seconds."""

    name: str
    state: str  # of STATES
    elapsed: float  # since its first due time; negative while it waits for that
    duration: Optional[float]  # of dispatching; None: until stopped
    count: Optional[int]  # arrivals; None: no limit
    target: Optional[Fraction]  # files a second; None: max
    in_flight: int
    limit: int
    metrics: Metrics

    @property
    def progress(self) -> Optional[float]:
        """How much is done, from 0 to 1; None where no end is set."""
        shares = []
        if self.duration:
            shares.append(max(0.0, self.elapsed) / self.duration)
        if self.count:
            shares.append((self.metrics.scheduled + self.in_flight) / self.count)
        return min(1.0, max(shares)) if shares else None

    @property
    def sent(self) -> int:
        """Transfers started so far."""
        return self.metrics.sent + self.in_flight

    @property
    def p95(self) -> str:
        """The 95th percentile of service times so far, for people."""
        times = self.metrics.service_time
        return units.show_duration(times.percentile(95) / SECOND) if times.count else "–"


class Pace:
    """The rate of the last 10 seconds, or of the last three periods if the target is slow."""

    def __init__(self, target: Optional[Fraction]) -> None:
        self._target = float(target) if target else None
        self._window = max(_WINDOW, 3 / self._target) if self._target else _WINDOW
        self._seen = deque([(0.0, 0)])  # (elapsed, sent), the first as old as the window

    def rate(self, elapsed: float, sent: int) -> float:
        """Return files a second, given how many were sent until now.

        A count that the target explains is shown as the target, see `_on_target`.
        """
        if elapsed - self._seen[-1][0] >= self._window / _SAMPLES:
            self._seen.append((elapsed, sent))
        while len(self._seen) > 1 and elapsed - self._seen[1][0] >= self._window:
            self._seen.popleft()
        since, before = self._seen[0]
        seconds, count = elapsed - since, sent - before
        if self._target is None:
            # All senders start at once: divided by an instant, that would be any number.
            return count / max(seconds, 1.0)
        if _on_target(self._target, seconds, count):
            return self._target
        return count / seconds if seconds > 0 else 0.0


def _on_target(rate: float, seconds: float, count: int) -> bool:
    """Return whether a job at this rate may have sent that many files in a window that long.

    The window can start and end anywhere between two arrivals, or at one: a window of 10 ms at
    100 files a second holds one or two. Nothing is sent to the nanosecond, so what falls into the
    jitter at an end of the window may be in it or not.
    """
    return abs(count - rate * seconds) <= 1 + rate * _JITTER


def status_line(view: JobView, rate: float) -> str:
    """One line for a log: `orders running 1m 00s, 5/s of 5/s, 298 ok, 2 failed, …`."""
    if view.state == "waiting":
        return f"{view.name} waiting, starts in {whole_seconds(1 - view.elapsed)}"
    outcomes = view.metrics.outcomes
    progress = view.progress
    share = "" if progress is None else f" ({int(100 * progress)}%)"
    pace = f"{show_rate(rate)} of {target(view)}, " if view.state == "running" else ""
    return (
        f"{view.name} {view.state} {whole_seconds(view.elapsed)}{share}, {pace}"
        f"{outcomes['ok']} ok, {outcomes['failed']} failed, {outcomes['dropped']} dropped, "
        f"{view.in_flight} in flight, p95 {view.p95}"
    )


def target(view: JobView) -> str:
    """The rate that is wanted, for people."""
    return units.show_rate(float(view.target)) if view.target else "max"


def show_rate(rate: float) -> str:
    """A rate for people; a pause is `0/s`, not `0/d`."""
    return units.show_rate(rate) if rate else "0/s"


def whole_seconds(seconds: float) -> str:
    """`0s`, `59s`, `1m 30s`: for what is redrawn all the time."""
    whole = max(0, int(seconds))
    return units.show_duration(whole) if whole else "0s"
