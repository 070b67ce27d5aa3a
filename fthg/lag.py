"""The lag of the loop, measured all the time: pauses of a second or more, and what is known of
them."""

from __future__ import annotations

import gc
import signal
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, Optional

import gevent

_SECOND = 1_000_000_000
PAUSE = _SECOND
"""The least time without a turn of the loop that is a pause, in nanoseconds."""

GRACE = _SECOND
"""The running time after a pause in which no deadline strikes: what was under way catches up."""

_BEAT = 0.2  # seconds; an idle process needs 0.1 % of a CPU for it
_KEPT = 1000
_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Sample(NamedTuple):
    """The clocks of this process at one moment, in nanoseconds."""

    now: int  # the run's clock
    boot: int  # goes on while the host is suspended, where there is such a clock
    cpu: int  # used, by all threads
    waited: Optional[int]  # for a CPU, by the main thread; None: unknown
    collecting: int  # spent in garbage collections


class Pause(NamedTuple):
    """A second or more without a turn of the loop, from its last turn before to the next one."""

    before: Sample
    after: Sample

    @property
    def start(self) -> int:
        """The last turn before, a reading of the run's clock."""
        return self.before.now

    @property
    def end(self) -> int:
        """The first turn after, a reading of the run's clock."""
        return self.after.now

    @property
    def length(self) -> int:
        """Nanoseconds, those in which the host was suspended included."""
        return self.after.boot - self.before.boot


OnPause = Callable[[Pause], object]


class LoopLag:
    """Measures the loop of one process by a timer, from `start` to `stop`.

    Right after a pause any greenlet may run first: one that must know of it calls `look`, or one of
    those that ask; that is as good as a beat of the timer.
    """

    def __init__(self) -> None:
        self.pauses: deque[Pause] = deque(maxlen=_KEPT)
        self._last: Optional[Sample] = None
        self._longest = 0
        self._collecting = 0
        self._collection = 0  # when the present one began
        self._continued = 0
        self._watchers: list[Any] = []
        self._on_pause: OnPause = _ignore

    def start(self, on_pause: OnPause) -> None:
        """Measure from now on, in this process; `on_pause` is called at the end of each pause."""
        self._on_pause = on_pause
        self._last = self._sample()
        loop = gevent.get_hub().loop
        beat = loop.timer(_BEAT, _BEAT, ref=False)
        beat.start(self._beat)
        continued = loop.signal(signal.SIGCONT, ref=False)
        continued.start(self._on_continued)
        self._watchers = [beat, continued]
        gc.callbacks.append(self._on_collection)

    def stop(self) -> None:
        """Measure no more."""
        self.look()
        self._last, self._on_pause = None, _ignore
        for watcher in self._watchers:
            watcher.close()
        self._watchers = []
        with suppress(ValueError):  # it was never started
            gc.callbacks.remove(self._on_collection)

    def look(self) -> None:
        """Record a pause that has just ended, if there was one."""
        if self._last is not None and time.clock_gettime_ns(_BOOT) - self._last.boot >= PAUSE:
            self._beat()

    def record(self, pause: Pause) -> None:
        """Record the time between two turns of the loop, which is a pause if it is long enough."""
        self._longest = max(self._longest, pause.length - round(_BEAT * _SECOND))
        if pause.length >= PAUSE:
            self.pauses.append(pause)
            self._on_pause(pause)

    def pause_at(self, moment: int) -> Optional[Pause]:
        """Return the pause in which a reading of the run's clock lies, its end included."""
        self.look()
        for pause in reversed(self.pauses):
            if pause.end < moment:
                return None
            if pause.start < moment:
                return pause
        return None

    def overlaps(self, start: Optional[int], end: Optional[int]) -> bool:
        """Return True if there was a pause between two readings of the run's clock."""
        if start is None or end is None:
            return False
        self.look()
        for pause in reversed(self.pauses):
            if pause.end < start:
                return False
            if pause.start <= end:
                return True
        return False

    @property
    def grace_ends(self) -> int:
        """The reading of the run's clock from which deadlines may strike."""
        self.look()
        return self.pauses[-1].end + GRACE if self.pauses else 0

    def take_longest(self) -> int:
        """Return the longest delay of a beat since this was last asked, in nanoseconds."""
        self.look()
        longest, self._longest = self._longest, 0
        return longest

    def continued_at(self, pause: Pause) -> bool:
        """Return True if a SIGCONT ended the pause; known at the first beat after it."""
        return pause.start < self._continued <= pause.end + _SECOND

    def _beat(self) -> None:
        before, self._last = self._last, self._sample()
        if before is not None:
            self.record(Pause(before, self._last))

    def _sample(self) -> Sample:
        return Sample(
            time.monotonic_ns(),
            time.clock_gettime_ns(_BOOT),
            time.process_time_ns(),
            _waited(),
            self._collecting,
        )

    def _on_continued(self) -> None:
        self._continued = time.monotonic_ns()

    def _on_collection(self, phase: str, _: object) -> None:
        now = time.monotonic_ns()
        if phase == "start":
            self._collection = now
        else:
            self._collecting += now - self._collection


def _ignore(_: Pause) -> None:
    """Ignore a pause."""


def _waited() -> Optional[int]:
    """Return how long the main thread has waited for a CPU; None where Linux does not tell."""
    try:
        with open("/proc/self/schedstat", "rb", 0) as file:
            return int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return None
