"""The SSH connections of one job, and which of them takes the next file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

import gevent
from gevent.event import Event

from ...clock import SECOND, Clock
from ...errors import TransferError
from ..backoff import Backoff
from .connection import Connection
from .session import Session

_PAUSE = SECOND // 10

Outcome = Callable[[Optional[TransferError]], None]
"""Hears how an attempt to open a connection ended: None if it is open."""


class Line:
    """A connection being opened or open, and the transfers on it."""

    def __init__(
        self, connection: Connection, outcome: Outcome, left: Callable[[Line], None]
    ) -> None:
        self.connection = connection
        self._outcome = outcome
        self._left = left  # told when the last transfer is done with it
        self.users = 0
        self.opened = Event()  # or failed
        self.fault: Optional[TransferError] = None
        self.retired = False  # takes no more transfers
        self._greenlet = gevent.spawn(self._open)

    @property
    def usable(self) -> bool:
        """True if the next transfer may go here: it is open, or soon will be."""
        session = self.connection.session
        return not (self.retired or self.fault or (session and session.broken))

    def wait(self) -> Session:
        """The session once it is there; raises TransferError."""
        self.opened.wait()
        session = self.connection.session
        if self.fault or session is None:
            fault = self.fault or TransferError("reset", "the run has ended")
            raise TransferError(fault.kind, fault.detail)
        return session

    def __enter__(self) -> Line:
        """One more transfer is on it, until the end of the block."""
        self.users += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.users -= 1
        if not self.users:
            self._left(self)

    def close(self, fault: TransferError) -> None:
        """End the connection, or the attempt to open it."""
        self.retired = True
        if not self.opened.ready():
            self.fault = fault
            self._greenlet.kill()
            self.opened.set()
        self.connection.close(fault)

    def _open(self) -> None:
        try:
            self.connection.open()
        except TransferError as error:
            self.fault = error
        except Exception as error:  # noqa: BLE001 - those who wait must hear of it
            self.fault = TransferError("internal", repr(error))
        self._outcome(self.fault)
        self.opened.set()


class Pool:
    """Up to `size` lines, opened when all others are busy; None: one for each transfer.

    A `patient` pool lets some time pass after an attempt to open a line that failed: transfers
    that would need a new one fail meanwhile as that attempt did.
    """

    def __init__(
        self, connect: Callable[[], Connection], size: Optional[int], clock: Clock, patient: bool
    ) -> None:
        self._connect = connect
        self._size = size
        self._clock = clock
        self._patient = patient
        self._backoff = Backoff(_PAUSE)
        self._fault: Optional[TransferError] = None  # of the last attempt
        self._lines: list[Line] = []
        self._closed = False

    def line(self) -> Line:
        """The line for one transfer, to be entered at once."""
        if self._closed:
            raise TransferError("reset", "the run has ended")
        for line in [line for line in self._lines if not line.usable and not line.users]:
            self._drop(line)
        usable = [line for line in self._lines if line.usable]
        best = min(usable, key=lambda line: line.users, default=None)
        if self._size is not None and best and (not best.users or len(usable) >= self._size):
            return best
        if self._patient and self._fault and self._clock.now() < self._backoff.until:
            if best:
                return best
            # The words are the same each time, so that logs and summaries can tell them once.
            detail = f"{self._fault.detail} (a moment ago; next attempt within 1s)"
            raise TransferError(self._fault.kind, detail)
        line = Line(self._connect(), self._opened, self._left)
        self._lines.append(line)
        return line

    def close(self, fault: TransferError) -> None:
        """End all lines; there will be no new ones."""
        self._closed = True
        for line in self._lines:
            line.close(fault)
        self._lines.clear()

    def _left(self, line: Line) -> None:
        if self._size is None or not line.usable:
            self._drop(line)

    def _opened(self, fault: Optional[TransferError]) -> None:
        self._fault = fault
        if fault:
            self._backoff.failed(self._clock.now())
        else:
            self._backoff.succeeded()

    def _drop(self, line: Line) -> None:
        if line in self._lines:
            self._lines.remove(line)
        line.close(TransferError("reset", "the connection is no longer wanted"))
