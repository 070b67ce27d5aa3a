"""Log lines for syslog, sent by a greenlet of their own so that no transfer waits for them."""

from __future__ import annotations

import errno
import os
from collections import deque
from functools import partial
from typing import Any, Optional

import gevent
from gevent import select, socket
from gevent.event import Event

from .. import native
from ..clock import SECOND, Clock
from ..threads import Threads
from . import syslog_lines
from .address import Address
from .entry import LogEntry
from .events import Log
from .output import LogOutput
from .settings import SyslogSettings

_log = Log(__name__)

_MOST_WAITING = 5000
_IO_TIMEOUT = 10.0  # seconds to connect and send a line
_FIRST_PAUSE, _LONGEST_PAUSE = SECOND // 4, 30 * SECOND


class SyslogOutput(LogOutput):
    """An output that queues lines, never blocks, reconnects by itself and counts lost lines.

    A local socket gets the format of rsyslog and journald, UDP and TCP get RFC 5424 (TCP with the
    octet counting of RFC 6587).
    """

    def __init__(self, settings: SyslogSettings, clock: Clock) -> None:
        super().__init__(settings.level, clock)
        self._encode = syslog_lines.encoder(settings)
        self._waiting: deque[bytes] = deque()
        self._available = Event()  # set when there are lines to send
        self._settled = Event()  # set when none is left, or the server cannot be reached
        self._connection = _Connection(settings.address)
        self._down = False
        self.where = str(settings.address)
        self._thread = native.get_ident()
        self._sender = gevent.spawn(self._run)

    def write(self, entry: LogEntry) -> None:
        """Queue one line, or count it as lost if the queue is full."""
        if len(self._waiting) >= _MOST_WAITING:
            self.lost += 1
            return
        self._waiting.append(self._encode(entry))
        # A greenlet cannot be woken from another thread; the next tick does it.
        if native.get_ident() == self._thread:
            self._available.set()

    def tick(self) -> None:
        """Write what is due, and send what other threads have logged."""
        super().tick()
        if self._waiting:
            self._available.set()

    def close(self) -> None:
        """Send the waiting lines within `patience`; the rest is lost."""
        super().close()
        if native.get_ident() == self._thread:  # greenlets end nowhere else
            self._end()
        self.lost += len(self._waiting)
        self._waiting.clear()

    def _end(self) -> None:
        if self._waiting and not self._down:
            self._settled.clear()
            patience = round(self.patience * SECOND)
            self._clock.wait(self._settled, self._clock.now() + patience)
        self._sender.kill(timeout=1)
        self._connection.close()

    def _run(self) -> None:
        while True:
            self._available.wait()
            while self._waiting:
                self._deliver(self._waiting[0])
                self._waiting.popleft()
                # Not before: in a full queue there would be no room for the message.
                self._on_success()
            self._available.clear()
            self._settled.set()

    def _deliver(self, line: bytes) -> None:
        pause = _FIRST_PAUSE
        while not self._send(line):
            self._clock.sleep_until(self._clock.now() + pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _send(self, line: bytes) -> bool:
        """Return False if the line must be sent again."""
        try:
            self._connection.send(line)
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                self.lost += 1
                return True
            self._connection.fail()
            self._on_failure(error)
            return False
        return True

    def _on_success(self) -> None:
        if self._down:
            self._down = False
            _log.warning("syslog is reached again", address=self.where, lost=self.lost)

    def _on_failure(self, error: OSError) -> None:
        if not self._down:
            self._down = True
            reason = error.strerror or str(error)
            event = "syslog cannot be reached; lines wait for it"
            _log.warning(event, address=self.where, error=reason)
        self._settled.set()


class _Connection:
    """A socket to the server, opened when the first line is sent."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._socket: Optional[Any] = None
        self._failures = 0  # UDP reports a wrong address too late: the next one is tried then
        # Not the pool of the transfers' name look-ups, so that neither delays the other.
        self._names = Threads(1)

    def send(self, data: bytes) -> None:
        """Send all data, on a new connection if there is none; raise OSError if that fails."""
        with gevent.Timeout(_IO_TIMEOUT, OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))):
            if self._socket is not None and self._has_ended(self._socket):
                self.close()
            if self._socket is None:
                self._socket = self._connect()
            self._socket.sendall(data)

    def fail(self) -> None:
        """Close the connection and begin with another address of the host next time."""
        self._failures += 1
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _has_ended(self, connection: Any) -> bool:
        # A syslog server never sends anything, so readable means closed. The next line would be
        # lost without an error.
        if self._address.scheme != "tcp":
            return False
        return bool(select.select([connection], [], [], 0)[0])

    def _connect(self) -> Any:
        address = self._address
        if address.scheme == "unix":
            return _connect(socket.AF_UNIX, socket.SOCK_DGRAM, address.path)
        kind = socket.SOCK_STREAM if address.scheme == "tcp" else socket.SOCK_DGRAM
        found = self._names.run(partial(_look_up, address.host, address.port, kind))
        error = OSError(errno.EADDRNOTAVAIL, "the name has no address")
        first = self._failures % len(found)
        for family, _, _, _, target in found[first:] + found[:first]:
            try:
                return _connect(family, kind, target)
            except OSError as failure:
                error = failure
        raise error


def _look_up(host: str, port: int, kind: int) -> list[Any]:
    return list(native.getaddrinfo(host, port, 0, kind))


def _connect(family: int, kind: int, target: Any) -> Any:
    made = socket.socket(family, kind)
    try:
        made.connect(target)
    except BaseException:
        made.close()
        raise
    return made
