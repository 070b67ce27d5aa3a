"""What the live view shows of a job: a snapshot, and the lines made of it (pure)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import Optional

from .. import units
from ..clock import SECOND
from .metrics import Metrics

STATES = ("waiting", "running", "stopping", "done")

_WINDOW = 10.0
_SAMPLES = 40


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
    """The rate of the last 10 seconds, or of the last three periods where the rate is slow."""

    def __init__(self, target: Optional[Fraction]) -> None:
        self._target = target
        self._window = max(_WINDOW, float(3 / target)) if target else _WINDOW
        self._seen: deque[tuple[float, int]] = deque(maxlen=_SAMPLES + 1)

    def rate(self, elapsed: float, sent: int) -> float:
        """Files a second, given how many were sent until now.

        What differs from the target by less than one file is the target: a window can begin and
        end anywhere between two arrivals.
        """
        if not self._seen or elapsed - self._seen[-1][0] >= self._window / _SAMPLES:
            self._seen.append((elapsed, sent))
        since, before = self._seen[0]
        seconds = elapsed - since
        if self._target and abs(sent - before - float(self._target) * seconds) < 1:
            return float(self._target)
        return (sent - before) / seconds if seconds > 0 else 0.0


def status_line(view: JobView, rate: float) -> str:
    """One line for a log: `orders running 1m 00s, 5/s of 5/s, 298 ok, 2 failed, …`."""
    if view.state == "waiting":
        return f"{view.name} waiting, starts in {units.show_duration(-view.elapsed)}"
    outcomes = view.metrics.outcomes
    progress = view.progress
    share = "" if progress is None else f" ({int(100 * progress)}%)"
    return (
        f"{view.name} {view.state} {units.show_duration(max(0, int(view.elapsed)))}{share}, "
        f"{units.show_rate(rate)} of {target(view)}, {outcomes['ok']} ok, "
        f"{outcomes['failed']} failed, {outcomes['dropped']} dropped, "
        f"{view.in_flight} in flight, p95 {view.p95}"
    )


def target(view: JobView) -> str:
    """The rate that is wanted, for people."""
    return units.show_rate(float(view.target)) if view.target else "max"
