"""Adapts urllib3's connections and pools to a job: dialling, deadlines, reuse, strict heads."""

from __future__ import annotations

import queue
import socket
from collections.abc import Callable, Mapping
from http.client import HTTPResponse, RemoteDisconnected
from typing import Any, Optional

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

Dial = Callable[[HTTPConnection, str], socket.socket]
"""Connects, and enters the phase that the second argument names."""

ConnectInTime = Callable[[Callable[[], None], str], None]
"""Calls the first argument, a handshake with the host named second, within its deadline."""


def connection_pools(
    dial: Dial, connect_in_time: ConnectInTime
) -> Mapping[str, type[HTTPConnectionPool]]:
    """Return urllib3's pools by scheme, with connections that use the job's own functions."""

    class Plain(HTTPConnection):
        response_class = WholeHeadResponse

        def _new_conn(self) -> socket.socket:
            return dial(self, "sending")

    class Secure(HTTPSConnection):
        response_class = WholeHeadResponse

        def _new_conn(self) -> socket.socket:
            return dial(self, "handshaking")

        def connect(self) -> None:
            connect_in_time(super().connect, self._tunnel_host or self.host)
            self.is_verified = True  # fthg has logged where it is not: urllib3 need not warn

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain
        QueueCls = ConnectionsFirst

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure
        QueueCls = ConnectionsFirst

    return {"http": PlainPool, "https": SecurePool}


class ConnectionsFirst(queue.LifoQueue):  # type: ignore[type-arg]
    """The queue of a pool, which gives an empty slot only if no slot holds a connection.

    urllib3 takes the slot that was given back last. Where that is the empty one of a transfer
    that failed, connections beneath are not used, and more are opened, until every slot has one.
    """

    queue: list[Any]

    def _put(self, item: Optional[HTTPConnection]) -> None:
        if item is None:
            self.queue.insert(0, item)
        else:
            self.queue.append(item)


class WholeHeadResponse(HTTPResponse):
    """An answer whose head must end in a blank line: http.client also accepts the stream's end."""

    def begin(self) -> None:
        """Read the head; raises RemoteDisconnected if it is cut short."""
        file = self.fp
        lines = _LineReader(file)
        self.fp = lines  # type: ignore[assignment]  # only lines are read here
        super().begin()
        if self.fp is not None:
            self.fp = file
        if lines.cut:
            raise RemoteDisconnected("it closed the connection in the head of its answer")


class _LineReader:
    """Reads lines from a file; `cut` is True if the last one had no line end."""

    def __init__(self, file: Any) -> None:
        self.close = file.close
        self.flush = file.flush
        self.cut = False
        self._readline = file.readline

    def readline(self, limit: int) -> bytes:
        line: bytes = self._readline(limit)
        self.cut = not line.endswith(b"\n")
        return line
