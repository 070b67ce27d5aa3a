"""The process's own memory, CPU, descriptors and loop lag, logged every status interval.

In a run of weeks these lines show leaks.
"""

from __future__ import annotations

import gc
import logging
import os
import resource
import threading
import time
from collections.abc import Iterable
from typing import Any, NamedTuple, Optional

import gevent

from ...clock import SECOND, Clock, let_others_run
from ...log import Log
from ..plan import Plan
from ..stats.histogram import Histogram
from ..stats.snapshot import RunSnapshot
from .output import Output, Surroundings

_log = Log(__name__)

_GREENLET = gevent.Greenlet.__base__  # greenlet.greenlet: hubs are of that kind, too
_PAGE = os.sysconf("SC_PAGE_SIZE")
_THREADS, _RSS = 17, 21  # fields of /proc/self/stat after the program's name: proc(5)
_AT_ONCE = 2000  # a quarter of a millisecond: to count them all in one go takes twenty times that


class Process(NamedTuple):
    """The operating system's figures of this process."""

    rss: int  # bytes; the most there ever were where /proc is missing
    threads: int
    descriptors: Optional[int]  # None where they cannot be counted


def process(proc: str = "/proc/self") -> Process:
    """Read the figures of this process; never raises, whatever is missing."""
    try:
        with open(f"{proc}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        rss, threads = int(fields[_RSS]) * _PAGE, int(fields[_THREADS])
    except (OSError, ValueError, IndexError):
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        threads = threading.active_count()
    return Process(rss, threads, _descriptors(f"{proc}/fd"))


def _descriptors(directory: str) -> Optional[int]:
    try:
        return len(os.listdir(directory)) - 1  # without the one that lists them
    except OSError:  # it may be that none is left
        return None


def greenlets() -> int:
    """Count the living greenlets of all threads; others run while it counts."""
    objects = gc.get_objects()
    alive = 0
    for start in range(0, len(objects), _AT_ONCE):
        some = objects[start : start + _AT_ONCE]
        alive += sum(issubclass(type(one), _GREENLET) and not one.dead for one in some)
        let_others_run()
    return alive


class Health(Output):
    """Logs a line every status interval and at the end, at info: `health  rss=52428800 …`.

    `rss` in bytes, `cpu` as a share of one core, counts of `descriptors`, `greenlets` and
    `threads`; in seconds `lag`, the longest delay of a timer of this process, and `lateness_p99`
    and `lateness_max` of transfers. `cpu`, `lag` and both of lateness are those since the line
    before.
    """

    per_process = True

    def __init__(self, clock: Clock, interval: float, worker: Optional[int] = None) -> None:
        self.interval = interval
        self._clock = clock
        self._worker = worker
        self._since = clock.now()
        self._cpu = time.process_time()
        self._late = Histogram()

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Health:
        """Return one for any plan: the level of the log decides what is written."""
        worker = plan.worker.part if plan.worker.of > 1 else None
        return cls(around.clock, plan.status_interval, worker)

    def tick(self, snapshot: RunSnapshot) -> None:
        """Log a line."""
        if _log.enabled(logging.INFO):
            _log.info("health", **self._fields(snapshot))

    def end(self, snapshot: RunSnapshot) -> None:
        """Log the last line."""
        self.tick(snapshot)

    def _fields(self, snapshot: RunSnapshot) -> dict[str, Any]:
        now, cpu = self._clock.now(), time.process_time()
        seconds, used = (now - self._since) / SECOND, cpu - self._cpu
        self._since, self._cpu = now, cpu
        rss, threads, descriptors = process()
        late = self._late_since(job.metrics.lateness for job in snapshot.jobs)
        return {
            **({} if self._worker is None else {"worker": self._worker}),
            "rss": rss,
            "cpu": round(used / seconds, 3) if seconds else 0.0,
            "descriptors": descriptors,
            "greenlets": greenlets(),
            "threads": threads,
            "lag": self._clock.lag.take_longest() / SECOND,
            "lateness_p99": late.percentile(99) / SECOND,
            "lateness_max": late.percentile(100) / SECOND,
        }

    def _late_since(self, histograms: Iterable[Histogram]) -> Histogram:
        """Return the lateness of transfers since the last line."""
        late = Histogram()
        for histogram in histograms:
            late.merge(histogram)
        before, self._late = self._late, late
        return late.since(before)
