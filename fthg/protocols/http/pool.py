"""Keeps the HTTP connections of one job: at most so many, the latest used first."""

from __future__ import annotations

from gevent.lock import BoundedSemaphore

from ...clock import SECOND, Clock
from ...errors import TransferError
from ..stopwatch import Stopwatch
from .connection import HttpConnection
from .connector import Connector
from .route import Route

_MAX_IDLE = 60 * SECOND
"""The longest time that a connection left by a burst is kept; most servers close it sooner."""


class HttpPool:
    """Lends connections to all servers that a job calls.

    Of the idle connections, the one unused for longest goes once it has not been needed for a
    minute while others were: after a stall of the server a run does not hold on to hundreds.
    """

    def __init__(self, connector: Connector, connections: int, clock: Clock) -> None:
        self._connector = connector
        self._connections = connections
        self._clock = clock
        self._slots = BoundedSemaphore(connections)
        self._used: list[Route] = []  # those that have idle connections
        self._open: set[HttpConnection] = set()
        self._connecting = 0
        self._closed = False

    def slot(self, watch: Stopwatch) -> BoundedSemaphore:
        """Return the right to use one connection, to be entered; the wait is phase `blocked`."""
        if self._slots.locked():
            watch.enter("blocked")
        return self._slots

    def take(self, route: Route, watch: Stopwatch) -> HttpConnection:
        """Return a kept connection, which may be stale, else a new one; raises TransferError."""
        if route.idle:
            connection = route.idle.pop()[1]
            if not route.idle:
                self._used.remove(route)
            return connection
        self._refuse_if_closed(route)
        self._make_room()
        self._connecting += 1
        try:
            connection = self._connector.connect(route, watch)
        finally:
            self._connecting -= 1
        self._open.add(connection)
        if self._closed:
            self.drop(connection)
            self._refuse_if_closed(route)
        return connection

    def keep(self, route: Route, connection: HttpConnection) -> None:
        """Take back a connection that can carry another request."""
        if connection not in self._open:
            return
        now = self._clock.now()
        idle = route.idle
        if not idle:
            self._used.append(route)
        idle.append((now, connection))
        if now - idle[0][0] > _MAX_IDLE:  # one at a time: to close them all takes a while
            self.drop(idle.popleft()[1])

    def drop(self, connection: HttpConnection) -> None:
        """Close a connection that cannot carry another request."""
        self._open.discard(connection)
        connection.close()

    def close(self) -> None:
        """Close all, also those in use: their transfers fail."""
        self._closed = True
        for route in self._used:
            route.idle.clear()
        self._used.clear()
        for connection in tuple(self._open):
            self.drop(connection)

    def _make_room(self) -> None:
        """Close the connection that is idle for longest, if one more would be too many."""
        if self._used and len(self._open) + self._connecting >= self._connections:
            route = min(self._used, key=lambda route: route.idle[0][0])
            self.drop(route.idle.popleft()[1])
            if not route.idle:
                self._used.remove(route)

    def _refuse_if_closed(self, route: Route) -> None:
        if self._closed:
            raise TransferError("reset", f"{route.server.server}: the job has ended")
