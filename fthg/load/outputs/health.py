"""How the process itself fares, logged now and then: a run of weeks shows what it leaks."""

from __future__ import annotations

import gc
import logging
import os
import resource
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Optional

import gevent

from ...clock import SECOND, Clock
from ...log import Log
from ..stats.histogram import Histogram

_log = Log(__name__)

_GREENLET = gevent.Greenlet.__base__  # greenlet.greenlet: hubs are of that kind, too
_PAGE = os.sysconf("SC_PAGE_SIZE")
_THREADS, _RSS = 17, 21  # fields of /proc/self/stat after the program's name: proc(5)
_AT_ONCE = 2000  # a quarter of a millisecond: to count them all in one go takes twenty times that


class Process(NamedTuple):
    """What the operating system knows of this process."""

    rss: int  # bytes; the most there ever were where /proc is missing
    threads: int
    descriptors: Optional[int]  # None where nobody tells


def process(proc: str = "/proc/self") -> Process:
    """Ask the system; never raises, whatever it does not tell."""
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
    """How many greenlets live, in all threads; others run while it counts."""
    things = gc.get_objects()
    alive = 0
    for start in range(0, len(things), _AT_ONCE):
        some = things[start : start + _AT_ONCE]
        alive += sum(issubclass(type(thing), _GREENLET) and not thing.dead for thing in some)
        gevent.sleep(0)
    return alive


class Health:
    """Logs a line every `interval` seconds and at the end, at info: `health  rss=52428800 …`.

    `rss` in bytes, `cpu` as a share of one core, counts of `descriptors`, `greenlets` and
    `threads`; in seconds `lag`, the longest that this process could not see to its timers, and
    `lateness_p99` and `lateness_max` of transfers. `cpu`, `lag` and both of lateness are those
    since the line before. `lateness` tells the lateness of all transfers so far.
    """

    def __init__(
        self,
        clock: Clock,
        interval: float,
        lateness: Callable[[], Sequence[Histogram]],
        worker: Optional[int] = None,
    ) -> None:
        self._clock = clock
        self._interval = round(interval * SECOND)
        self._lateness = lateness
        self._worker = worker
        self._since = clock.now()
        self._cpu = time.process_time()
        self._lag = 0
        self._late = Histogram()
        self._watching = gevent.spawn(self._watch)

    def close(self) -> None:
        """Log the last line."""
        self._watching.kill()
        self._tell()

    def _watch(self) -> None:
        due = self._since + self._interval
        while True:
            # A timer each second: one alone would hardly ever be there when the loop is held up.
            timer = min(due, self._clock.now() + SECOND)
            self._clock.sleep_until(timer)
            self._lag = max(self._lag, self._clock.now() - timer)
            if timer == due:
                self._tell()
                due = max(due + self._interval, self._clock.now())

    def _tell(self) -> None:
        if _log.enabled(logging.INFO):
            _log.info("health", **self._fields())

    def _fields(self) -> dict[str, Any]:
        now, cpu, lag = self._clock.now(), time.process_time(), self._lag
        seconds, used = (now - self._since) / SECOND, cpu - self._cpu
        self._since, self._cpu, self._lag = now, cpu, 0
        rss, threads, descriptors = process()
        late = self._late_since()
        return {
            **({} if self._worker is None else {"worker": self._worker}),
            "rss": rss,
            "cpu": round(used / seconds, 3) if seconds else 0.0,
            "descriptors": descriptors,
            "greenlets": greenlets(),
            "threads": threads,
            "lag": lag / SECOND,
            "lateness_p99": late.percentile(99) / SECOND,
            "lateness_max": late.percentile(100) / SECOND,
        }

    def _late_since(self) -> Histogram:
        late = Histogram()
        for histogram in self._lateness():
            late.merge(histogram)
        before, self._late = self._late, late
        return late.since(before)
