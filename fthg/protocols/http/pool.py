"""Keeps the HTTP connections of one job, up to a limit, the latest used first."""

from __future__ import annotations

from typing import Any

import gevent
from gevent.lock import BoundedSemaphore

from ...clock import SECOND, Clock
from ...errors import TransferError
from ..stopwatch import Stopwatch
from .connection import HttpConnection
from .connector import Connector
from .route import Route

_SWEEP = SECOND // 2
"""The time between two looks for connections that were idle for too long."""

_AT_ONCE = 20
"""Connections that one look closes: more would hold up others, as in TLS each takes a while."""

_SOON = SECOND // 50
"""The time until the next look if one has left some."""


class HttpPool:
    """Lends connections to all servers that a job calls.

    Connections that were idle for longer than they may are closed, never lent.
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
        self._sweeping: Any = None  # a timer, while connections are idle

    def slot(self, watch: Stopwatch) -> BoundedSemaphore:
        """Return the right to use one connection, to be entered; the wait is phase `blocked`."""
        if self._slots.locked():
            watch.enter("blocked")
        return self._slots

    def take(self, route: Route, watch: Stopwatch) -> HttpConnection:
        """Return a kept connection, which may be stale, else a new one; raises TransferError."""
        now = self._clock.now()
        while route.idle:
            end, connection = route.idle.pop()
            if not route.idle:
                self._used.remove(route)
            if now <= end:
                return connection
            self.drop(connection)
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

    def keep(self, route: Route, connection: HttpConnection, idle_time: int) -> None:
        """Take back a connection that may be used again within `idle_time` nanoseconds."""
        if connection not in self._open:
            return
        if not idle_time:
            self.drop(connection)
            return
        idle = route.idle
        if not idle:
            self._used.append(route)
        idle.append((self._clock.now() + idle_time, connection))
        if self._sweeping is None:
            self._sweep_later()

    def drop(self, connection: HttpConnection) -> None:
        """Close a connection that cannot carry another request."""
        self._open.discard(connection)
        connection.close()

    def close(self) -> None:
        """Close all, also those in use: their transfers fail."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.close()
        for route in self._used:
            route.idle.clear()
        self._used.clear()
        for connection in tuple(self._open):
            self.drop(connection)

    def _sweep_later(self, time: int = _SWEEP) -> None:
        self._sweeping = gevent.get_hub().loop.timer(time / SECOND, ref=False)
        self._sweeping.start(self._sweep)

    def _sweep(self) -> None:
        """Close some of the connections that were idle for too long."""
        self._sweeping.close()
        self._sweeping = None
        now = self._clock.now()
        old = [(route, one) for route in self._used for one in route.idle if one[0] < now]
        for route, one in old[:_AT_ONCE]:
            route.idle.remove(one)
            self.drop(one[1])
        self._used = [route for route in self._used if route.idle]
        if self._used:
            self._sweep_later(_SOON if len(old) > _AT_ONCE else _SWEEP)

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
