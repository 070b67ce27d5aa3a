"""urllib3's connections and pools, made to fit a job: how they dial, what they keep and believe."""

from __future__ import annotations

import queue
import socket
from collections.abc import Callable, Mapping
from http.client import HTTPResponse, RemoteDisconnected
from typing import Any, Optional

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

Dial = Callable[[HTTPConnection, str], socket.socket]
"""Connects; the phase that follows is the second argument."""

Bounded = Callable[[Callable[[], None], str], None]
"""Calls the first argument, a handshake with the host named second, within its deadline."""


def connection_pools(dial: Dial, bounded: Bounded) -> Mapping[str, type[HTTPConnectionPool]]:
    """urllib3's pools by scheme, with connections that are dialled and bounded as the job wants."""

    class Plain(HTTPConnection):
        response_class = WholeHead

        def _new_conn(self) -> socket.socket:
            return dial(self, "sending")

    class Secure(HTTPSConnection):
        response_class = WholeHead

        def _new_conn(self) -> socket.socket:
            return dial(self, "handshaking")

        def connect(self) -> None:
            bounded(super().connect, self._tunnel_host or self.host)
            self.is_verified = True  # where it is not, the log has told so: urllib3 need not

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain
        QueueCls = Places

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure
        QueueCls = Places

    return {"http": PlainPool, "https": SecurePool}


class Places(queue.LifoQueue):  # type: ignore[type-arg]
    """The places of a pool: an empty one is taken only if none holds a connection.

    urllib3 takes that which was given back last. Where that is the empty place of a transfer that
    failed, connections beneath are not used, and more are opened, until every place has one.
    """

    queue: list[Any]

    def _put(self, item: Optional[HTTPConnection]) -> None:
        if item is None:
            self.queue.insert(0, item)
        else:
            self.queue.append(item)


class WholeHead(HTTPResponse):
    """An answer whose head must end in a blank line: http.client also takes the end for that."""

    def begin(self) -> None:
        """Read the head; raises RemoteDisconnected if it is cut short."""
        file = self.fp
        lines = _Lines(file)
        self.fp = lines  # type: ignore[assignment]  # only lines are read here
        super().begin()
        if self.fp is not None:
            self.fp = file
        if lines.cut:
            raise RemoteDisconnected("it closed the connection in the head of its answer")


class _Lines:
    """A file that knows whether the last line that was read from it was one."""

    def __init__(self, file: Any) -> None:
        self.close = file.close
        self.flush = file.flush
        self.cut = False
        self._readline = file.readline

    def readline(self, limit: int) -> bytes:
        line: bytes = self._readline(limit)
        self.cut = not line.endswith(b"\n")
        return line
