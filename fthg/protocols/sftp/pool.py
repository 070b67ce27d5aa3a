"""Shares the SSH connections of one job among its transfers."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Optional

import gevent
from gevent.event import Event

from ...clock import SECOND, Clock
from ...errors import TransferError
from ..backoff import Backoff
from .session import Session
from .ssh.connection import SshConnection

_FIRST_PAUSE = SECOND // 10

_users = attrgetter("users")

OnOpened = Callable[[Optional[TransferError]], None]
"""Called once an attempt to open a connection has ended: None if it is open."""


class PooledConnection:
    """A connection being opened or open, and the transfers on it."""

    def __init__(
        self,
        connection: SshConnection,
        on_opened: OnOpened,
        on_unused: Callable[[PooledConnection], None],
    ) -> None:
        self.connection = connection
        self.users = 0
        self.carried = False
        """True once a transfer has been handed to its session."""
        self.error: Optional[TransferError] = None
        self.retired = False
        """True once it takes no more transfers."""
        self._on_opened = on_opened
        self._on_unused = on_unused
        self._opened = Event()  # or failed
        self._greenlet = gevent.spawn(self._open)

    @property
    def usable(self) -> bool:
        """True if the next transfer may go here: it is open, or soon will be."""
        session = self.connection.session
        return not (self.retired or self.error or (session and session.broken))

    def wait(self) -> Session:
        """Return the session once it is there; raises TransferError."""
        self._opened.wait()
        session = self.connection.session
        if self.error or session is None:
            error = self.error or TransferError("reset", "the run has ended")
            peer = self.connection.peer(False) or error.peer
            raise TransferError(error.kind, error.detail, code=error.code, peer=peer)
        return session

    def __enter__(self) -> PooledConnection:
        """Count one more transfer on it, until the end of the block."""
        self.users += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.users -= 1
        if not self.users:
            self._on_unused(self)

    def close(self, error: TransferError) -> None:
        """End the connection, or the attempt to open it."""
        self.retired = True
        if not self._opened.ready():
            self.error = error
            self._greenlet.kill(block=False)  # waiting for each would take too long
            self._opened.set()
        self.connection.close(error)

    def _open(self) -> None:
        try:
            self.connection.open()
        except TransferError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - the transfers that wait must fail with it
            self.error = TransferError("internal", repr(error))
        if not self._opened.ready():  # else it was closed meanwhile, which is no failure
            self._on_opened(self.error)
            self._opened.set()


class SshPool:
    """Up to `size` connections, opened when all others are busy; None: one for each transfer.

    A connection whose server owes answers and sends nothing for `longest_silence` takes no more
    transfers until it sends something. Another takes its place, so that there may be twice as many
    connections; if all of these are silent, transfers go to them nevertheless.

    With `back_off` it waits after an attempt to connect that failed: transfers that would need a
    new connection meanwhile fail with the error of that attempt.
    """

    def __init__(
        self,
        connect: Callable[[], SshConnection],
        size: Optional[int],
        clock: Clock,
        back_off: bool,
        longest_silence: int,
    ) -> None:
        self._connect = connect
        self._size = size
        self._clock = clock
        self._back_off = back_off
        self._longest_silence = longest_silence
        self._backoff = Backoff(_FIRST_PAUSE)
        self._last_error: Optional[TransferError] = None  # of the last attempt
        self._connections: list[PooledConnection] = []
        self._closed = False

    def take(self) -> PooledConnection:
        """Return the connection for one transfer, to be entered at once; raises TransferError."""
        if self._closed:
            raise TransferError("reset", "the run has ended")
        for unused in [each for each in self._connections if not each.users and not each.usable]:
            self._drop(unused)
        if best := self._best():
            return best
        made = PooledConnection(self._connect(), self._on_opened, self._on_unused)
        self._connections.append(made)
        return made

    def _best(self) -> Optional[PooledConnection]:
        """Return the connection for the next transfer; None: a new one."""
        if self._size is None:
            return None
        answering = self._answering()
        # If silent ones have come back, it is the oldest that are used no more.
        best = _least_used(answering[-self._size :])
        if best and (not best.users or len(answering) >= self._size):
            return best
        usable = [each for each in self._connections if each.usable]
        if len(usable) >= 2 * self._size:
            return best or _least_used(usable)
        if self._back_off and self._last_error and self._clock.now() < self._backoff.until:
            if best:
                return best
            # The text is the same each time, so that logs and summaries can fold the repeats.
            detail = f"{self._last_error.detail} (a moment ago; next attempt within 1s)"
            raise TransferError(self._last_error.kind, detail)
        return None

    def _answering(self) -> list[PooledConnection]:
        """Return the usable connections whose server is not silent, oldest first."""
        now = self._clock.now()
        return [
            each for each in self._connections if each.usable and not self._is_silent(each, now)
        ]

    def _is_silent(self, pooled: PooledConnection, now: int) -> bool:
        session = pooled.connection.session
        silence = session.silence(now) if session else 0
        if silence < self._longest_silence:
            return False
        # After a pause of our own loop, what arrived meanwhile may be unread.
        return now - self._clock.lag.grace_ends >= self._longest_silence

    def close(self, error: TransferError) -> None:
        """End all connections; there will be no new ones."""
        self._closed = True
        connections, self._connections = self._connections, []
        for each in connections:
            each.close(error)

    def _on_unused(self, connection: PooledConnection) -> None:
        surplus = self._size is None or len(self._answering()) > self._size
        if surplus or not connection.usable:
            self._drop(connection)

    def _on_opened(self, error: Optional[TransferError]) -> None:
        self._last_error = error
        if error:
            self._backoff.failed(self._clock.now())
        else:
            self._backoff.succeeded()

    def _drop(self, connection: PooledConnection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
        connection.close(TransferError("reset", "the connection is no longer wanted"))


def _least_used(connections: list[PooledConnection]) -> Optional[PooledConnection]:
    return min(connections, key=_users, default=None)
