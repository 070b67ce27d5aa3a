"""Finds the addresses of host names for one job, and remembers them."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

import gevent
from gevent.event import Event

from .. import native
from ..clock import SECOND, Clock
from ..errors import TransferError
from .addresses import Address
from .host_limits import host_limit
from .look_ups import LOOK_UPS, Answer, LookUps, addresses_of

REMEMBERED = 30 * SECOND
"""The time for which an answer of the name server is used."""

DOUBTED = SECOND
"""The time for which it is used once all its addresses have failed: the server may have moved."""


class Resolver:
    """Finds the addresses of hosts for one job; each wait is bounded by connect_timeout."""

    def __init__(
        self,
        connect_timeout: float,
        clock: Clock,
        look_ups: LookUps = LOOK_UPS,
    ) -> None:
        self._connect_timeout = connect_timeout
        self._clock = clock
        self._look_ups = look_ups
        self._closed = Event()
        self._known: dict[tuple[str, int], tuple[int, Sequence[Address]]] = {}

    def remembered(self, host: str, port: int) -> Sequence[Address]:
        """Return the addresses of a host if no name server need be asked for them, else nothing."""
        expiry, addresses = self._known.get((host, port), (0, ()))
        if self._clock.now() < expiry:
            return addresses
        addresses = _literal(host, port)
        return self._remember(host, port, addresses) if addresses else ()

    def addresses(self, host: str, port: int) -> Sequence[Address]:
        """Return the addresses of a host, at least one.

        Raises TransferError: dns, descriptors, threads.
        """
        return self.remembered(host, port) or self._remember(host, port, self._ask(host, port))

    def doubt(self, host: str, port: int) -> None:
        """Look the name up again after DOUBTED: all addresses of this host have failed."""
        if known := self._known.get((host, port)):
            expiry, addresses = known
            self._known[host, port] = min(expiry, self._clock.now() + DOUBTED), addresses

    def close(self) -> None:
        """Fail those who wait; a look-up that hangs is left to end by itself."""
        self._known.clear()
        self._closed.set()
        self._look_ups.leave(self)

    def _remember(self, host: str, port: int, found: Sequence[Address]) -> Sequence[Address]:
        self._known[host, port] = self._clock.now() + REMEMBERED, found
        return found

    def _ask(self, host: str, port: int) -> Sequence[Address]:
        """Look the name up, or wait for the look-up of it that another greenlet began."""
        pending = self._look_ups.ask(self, host, port)
        gevent.wait([pending, self._closed], self._connect_timeout, count=1)
        if not pending.ready():
            self._clock.read_what_is_ready()
        if self._closed.is_set():
            raise TransferError("dns", f"{host} port {port}: the job has ended")
        if not pending.ready():
            limit = f"connect_timeout ({self._connect_timeout:g}s)"
            reason = f"the name server did not answer within {limit}"
            raise TransferError("dns", f"{host} port {port}: {reason}")
        answer: Answer = pending.value
        if isinstance(answer, Exception):
            raise _failure(answer, host, port) from answer
        return answer


def _literal(host: str, port: int) -> Sequence[Address]:
    """Return the address if the host is one already, else nothing; never asks a name server."""
    try:
        flags = socket.AI_NUMERICHOST
        return addresses_of(native.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, flags))
    except (OSError, UnicodeError):
        return ()


def _failure(error: Exception, host: str, port: int) -> TransferError:
    server = f"{host} port {port}"
    limit = host_limit(error, server)
    if limit:
        return limit
    if isinstance(error, UnicodeError):
        return TransferError("dns", f"{server}: it is not a valid host name")
    if not isinstance(error, OSError):
        return TransferError("internal", f"{server}: {error!r}")
    reason = error.strerror or (os.strerror(error.errno) if error.errno else str(error))
    return TransferError("dns", f"{server}: {reason}")
