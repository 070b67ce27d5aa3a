"""Log lines for the system's log, sent by a greenlet of their own so that no transfer waits."""

from __future__ import annotations

import errno
import os
from collections import deque
from typing import Any, Optional

import gevent
from gevent import select, socket
from gevent.event import Event
from gevent.monkey import get_original
from gevent.threadpool import ThreadPool

from ..clock import SECOND, Clock
from . import syslog_lines
from .address import Address
from .entry import Mask, Told
from .events import Log
from .output import Output
from .settings import SyslogSettings

_log = Log(__name__)

_MOST_WAITING = 5000
_PATIENCE = 10.0  # seconds for a connection or a line
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 30.0
_FAREWELL = 2 * SECOND


class SyslogOutput(Output):
    """Queues lines without ever blocking, connects when it can, counts what was lost.

    A local socket gets what rsyslog and journald expect, UDP and TCP get RFC 5424 (TCP with the
    octet counting of RFC 6587).
    """

    def __init__(self, settings: SyslogSettings, mask: Mask, clock: Clock) -> None:
        super().__init__(settings.level, mask, clock)
        self._frame = syslog_lines.framing(settings)
        self._waiting: deque[bytes] = deque()
        self._news = Event()
        self._connection = _Connection(settings.address)
        self._down = False
        self.where = str(settings.address)
        self._sender = gevent.spawn(self._run)

    def write(self, line: Told) -> None:
        """Queue one line, or count it as lost if the server has fallen too far behind."""
        if len(self._waiting) >= _MOST_WAITING:
            self.lost += 1
            return
        self._waiting.append(self._frame(line))
        self._news.set()

    def close(self) -> None:
        """Send the rest within two seconds; what cannot be sent is lost."""
        super().close()
        deadline = self._clock.now() + _FAREWELL
        while self._waiting and not self._down and self._clock.now() < deadline:
            gevent.sleep(0.01)
        self._sender.kill(timeout=1)
        self._connection.close()
        self.lost += len(self._waiting)
        self._waiting.clear()

    def _run(self) -> None:
        while True:
            self._news.wait()
            while self._waiting:
                self._deliver(self._waiting[0])
                self._waiting.popleft()
            self._news.clear()

    def _deliver(self, line: bytes) -> None:
        pause = _FIRST_PAUSE
        while not self._sent(line):
            gevent.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        if self._down:
            self._down = False
            _log.warning("syslog is reached again", address=self.where, lost=self.lost)

    def _sent(self, line: bytes) -> bool:
        try:
            self._connection.send(line)
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                self.lost += 1
                return True
            self._connection.fail()
            if not self._down:
                self._down = True
                _log.warning(
                    "syslog cannot be reached; lines wait for it",
                    address=self.where,
                    error=error.strerror or str(error),
                )
            return False
        return True


class _Connection:
    """A socket to the server that is opened when it is needed."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._socket: Optional[Any] = None
        self._failures = 0  # UDP finds out too late that an address is wrong: then try the next
        # The look-ups of transfers wait in another pool: neither can hold up the other.
        self._names = ThreadPool(1)

    def send(self, data: bytes) -> None:
        """Send it all, on a new connection if need be; OSError if that failed."""
        with gevent.Timeout(_PATIENCE, OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))):
            if self._socket is not None and self._ended(self._socket):
                self.close()
            if self._socket is None:
                self._socket = self._connected()
            self._socket.sendall(data)

    def fail(self) -> None:
        """Drop the connection, and start with another of the host's addresses next time."""
        self._failures += 1
        self.close()

    def close(self) -> None:
        """Drop the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _ended(self, connection: Any) -> bool:
        # A syslog server never says anything: if there is something to read, it is the end. Sending
        # on would lose the line in silence.
        if self._address.scheme != "tcp":
            return False
        return bool(select.select([connection], [], [], 0)[0])

    def _connected(self) -> Any:
        address = self._address
        if address.scheme == "unix":
            return _connect(socket.AF_UNIX, socket.SOCK_DGRAM, address.path)
        kind = socket.SOCK_STREAM if address.scheme == "tcp" else socket.SOCK_DGRAM
        found = self._names.apply(_look_up, (address.host, address.port, kind))
        error = OSError(errno.EADDRNOTAVAIL, "the name has no address")
        first = self._failures % len(found)
        for family, _, _, _, place in found[first:] + found[:first]:
            try:
                return _connect(family, kind, place)
            except OSError as failure:
                error = failure
        raise error


def _look_up(host: str, port: int, kind: int) -> list[Any]:
    return list(get_original("socket", "getaddrinfo")(host, port, 0, kind))


def _connect(family: int, kind: int, place: Any) -> Any:
    made = socket.socket(family, kind)
    try:
        made.connect(place)
    except BaseException:
        made.close()
        raise
    return made
