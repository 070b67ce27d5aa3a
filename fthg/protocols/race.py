"""Connects to the first of several addresses that answers (RFC 8305, "Happy Eyeballs")."""

from __future__ import annotations

import errno
import socket
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, Optional

import gevent
from gevent.hub import Waiter

from ..clock import SECOND, Clock
from .addresses import Address
from .sources import bind

STAGGER = SECOND // 4
"""The time after which the next address is tried, while earlier attempts go on."""

_WRITE = 2  # the event of a watcher of the loop
_UNDER_WAY = (errno.EINPROGRESS, errno.EALREADY, errno.EINTR)


class Failed(NamedTuple):
    """An attempt without success."""

    address: Address
    number: int  # errno; ETIMEDOUT too if time was up, or one that began STAGGER later was faster
    seconds: float  # that it took
    local_port: int  # 0: it had none
    source: Optional[Address] = None  # the local address; None: the system's choice
    bound: bool = True  # False: there was no socket that could have been connected


SourceOf = Callable[[Address], Optional[Address]]
"""Returns the local address for an attempt to an address; None: the system chooses."""

OnFailed = Callable[[Failed], object]
"""Called at once with each attempt that fails."""


class Attempt:
    """A socket on its way to an address."""

    def __init__(self, address: Address, began: int, source: Optional[Address] = None) -> None:
        """Make a socket; raise OSError if that is not possible."""
        self.address = address
        self.began = began
        self.source = source
        self.socket = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            self.socket.setblocking(False)
            if source is not None:
                bind(self.socket, source)
        except BaseException:
            self.socket.close()
            raise

    def check(self) -> Optional[int]:
        """Start or continue to connect; return 0 once connected, else an errno.

        None: it is still under way.
        """
        number = self.socket.connect_ex(self.address.sockaddr)
        if number in _UNDER_WAY:
            return None
        return 0 if number == errno.EISCONN else number

    @property
    def local_port(self) -> int:
        """The local port, also of an attempt that has failed; 0 if it never had one."""
        port: int = self.socket.getsockname()[1]
        return port


class Spares:
    """The attempts beyond the first of each race that a job may have under way at once.

    A server that swallows packets at all its addresses so takes no more descriptors than these
    beyond those of one with a single address.
    """

    def __init__(self, left: int = 64) -> None:
        self.left = left


class Race:
    """Attempts to connect to addresses in order, the next one STAGGER after the one before.

    It comes at once when one has failed. There is no greenlet: whoever runs the race waits for all
    attempts, and closes them however it ends.
    """

    def __init__(
        self,
        order: Sequence[Address],
        deadline: int,
        clock: Clock,
        spares: Spares,
        on_failed: OnFailed,
        source_of: SourceOf = lambda _: None,
    ) -> None:
        self._on_failed = on_failed
        self._source_of = source_of
        self._left = deque(order)
        self._deadline = deadline
        self._clock = clock
        self._spares = spares
        self._running: list[Attempt] = []
        self._next = 0  # when the next attempt may begin

    def run(self) -> Optional[Attempt]:
        """Return the attempt that has connected, its socket non-blocking; None: all have failed."""
        try:
            while True:
                winner = self._settle()
                now = self._clock.now()
                if winner:
                    self._overtake(winner, now)
                    return self._leave(winner)
                if self._may_begin(now):
                    self._begin(now)
                elif not self._running or now >= self._deadline:
                    self._expire(now)
                    return None
                else:
                    self._wait(now)
        finally:
            while self._running:
                self._leave(self._running[-1]).socket.close()

    def _may_begin(self, now: int) -> bool:
        if not self._left or not self._running:
            return bool(self._left)
        return now >= self._next and now < self._deadline and self._spares.left > 0

    def _begin(self, now: int) -> None:
        address = self._left.popleft()
        source = self._source_of(address)
        self._next = now + STAGGER
        try:
            attempt = Attempt(address, now, source)
        except OSError as error:
            self._fail(Failed(address, error.errno or 0, 0.0, 0, source, bound=False))
            return
        if self._running:
            self._spares.left -= 1
        self._running.append(attempt)

    def _leave(self, attempt: Attempt) -> Attempt:
        self._running.remove(attempt)
        if self._running:
            self._spares.left += 1
        return attempt

    def _settle(self) -> Optional[Attempt]:
        """Return an attempt that has connected; take out those that have failed."""
        for attempt in tuple(self._running):
            number = attempt.check()
            if number == 0:
                return attempt
            if number is not None:
                self._end(attempt, number, self._clock.now())
        return None

    def _wait(self, now: int) -> None:
        """Wait until an attempt is over, or it is time for the next one or the end."""
        until = self._deadline
        if self._left:
            if self._next <= now:  # there is no spare one
                self._next = now + STAGGER
            until = min(until, self._next)
        _wait_writable([attempt.socket for attempt in self._running], (until - now) / SECOND)

    def _overtake(self, winner: Attempt, now: int) -> None:
        for attempt in tuple(self._running):
            if attempt.began < winner.began and now - attempt.began >= STAGGER:
                self._end(attempt, errno.ETIMEDOUT, now)

    def _expire(self, now: int) -> None:
        for attempt in tuple(self._running):
            self._end(attempt, errno.ETIMEDOUT, now)

    def _end(self, attempt: Attempt, number: int, now: int) -> None:
        seconds = (now - attempt.began) / SECOND
        port = attempt.local_port
        self._leave(attempt).socket.close()
        self._fail(Failed(attempt.address, number, seconds, port, attempt.source))

    def _fail(self, failed: Failed) -> None:
        self._next = 0
        self._on_failed(failed)


def _wait_writable(sockets: Sequence[socket.socket], seconds: float) -> None:
    """Wait until one of the sockets is connected or has failed, or the time is over."""
    loop = gevent.get_hub().loop
    woken = Waiter()
    watchers = [loop.timer(seconds), *(loop.io(each.fileno(), _WRITE) for each in sockets)]
    try:
        for watcher in watchers:
            watcher.start(woken.switch, None)
        woken.get()
    finally:
        for watcher in watchers:
            watcher.stop()
            watcher.close()
