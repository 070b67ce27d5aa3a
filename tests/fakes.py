"""Fakes at fthg's own seams: a clock that jumps when all wait for it, and a scripted Sender."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Optional

import gevent
from gevent.event import Event

from fthg.clock import SECOND, Clock
from fthg.content import BLOCK, Content
from fthg.lag import LoopLag, OnPause, Pause, Sample
from fthg.protocols.base import Sender
from fthg.protocols.options import Options
from fthg.transfer import Sent, Transfer


class FakeLag(LoopLag):
    """Measures nothing: it takes the pauses of a FakeClock."""

    def start(self, on_pause: OnPause) -> None:
        self._on_pause = on_pause


class FakeClock(Clock):
    """Time stands still while anything can run, then jumps to the next moment someone waits for."""

    def __init__(self, utc: int = 1_790_000_000 * SECOND) -> None:
        self.lag = FakeLag()
        self._now = 0
        self._utc = utc
        self._sleepers: list[tuple[int, int, Event]] = []
        self._count = 0
        self._jumper: Optional[gevent.Greenlet] = None

    def now(self) -> int:
        return self._now

    def utc(self) -> int:
        return self._utc + self._now

    def pass_by(self, nanoseconds: int) -> None:
        """Let time go on while something runs."""
        self._now += nanoseconds
        while self._sleepers and self._sleepers[0][0] <= self._now:
            heapq.heappop(self._sleepers)[2].set()

    def stand_still(self, nanoseconds: int) -> None:
        """Let time go on in a pause of the loop: all that is waited for comes after it."""
        before = self._now
        self.pass_by(nanoseconds)
        self.lag.record(Pause(*(Sample(now, now, 0, 0, 0) for now in (before, self._now))))

    def read_what_is_ready(self) -> None:
        """Return at once: no fake is ready without being noticed."""

    def sleep_until(self, deadline: int) -> None:
        if deadline <= self._now:
            gevent.sleep(0)
            return
        awake = Event()
        self._count += 1
        sleeper = deadline, self._count, awake
        heapq.heappush(self._sleepers, sleeper)
        if self._jumper is None or self._jumper.dead:
            self._jumper = gevent.spawn(self._jump)
        try:
            awake.wait()
        finally:  # time must not jump to where nobody waits any more
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)
                heapq.heapify(self._sleepers)

    def _jump(self) -> None:
        while self._sleepers:
            gevent.idle()
            if not self._sleepers:
                return
            deadline, _, awake = heapq.heappop(self._sleepers)
            self._now = max(self._now, deadline)
            awake.set()


class Memory(Content):
    """Bytes that are read block by block; `read_by` sees each block."""

    def __init__(self, data: bytes, read_by: Callable[[bytes], object] = lambda _: None) -> None:
        super().__init__(len(data))
        self._data = data
        self._read_by = read_by

    def read_at_once(self, offset: int, most: int = BLOCK) -> bytes:
        block = self._data[offset : offset + most]
        self._read_by(block)
        return block


class FakeSender(Sender):
    """Takes `seconds(transfer)` of the clock's time for each file, then succeeds; or raises."""

    def __init__(
        self, options: Options, clock: Clock, seconds: Callable[[Transfer], float] = lambda _: 0.0
    ) -> None:
        self.options = options
        self.clock = clock
        self.seconds = seconds
        self.started: list[tuple[int, Transfer]] = []
        self.most_in_flight = 0
        self._in_flight = 0
        self.closed = False

    def send(self, transfer: Transfer) -> Sent:
        self.started.append((self.clock.now(), transfer))
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            took = self.seconds(transfer)
            if took:
                self.clock.sleep_until(self.clock.now() + round(took * SECOND))
        finally:
            self._in_flight -= 1
        return Sent(200, transfer.size, {"waiting": took})

    def close(self) -> None:
        self.closed = True
