"""Looks up host names and remembers the addresses, with one thread a name."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Optional, Union

import gevent
from gevent.event import AsyncResult

from .. import native
from ..clock import SECOND, Clock
from ..errors import TransferError
from ..log import Log
from ..threads import Threads
from .addresses import Address
from .host_limits import host_limit

REMEMBERED = 30 * SECOND
"""The time for which an answer of the name server is used."""

DOUBTED = SECOND
"""The time for which it is used once all its addresses have failed: the server may have moved."""

_log = Log("fthg.dial")


LookUp = Callable[[str, int], Sequence[Address]]
"""Host and port → addresses, best first; may block its thread; raises OSError."""

Answer = Union[Sequence[Address], Exception]


def resolve(host: str, port: int) -> Sequence[Address]:
    """Ask the system for a host's addresses, as its own tools do (getaddrinfo, RFC 6724)."""
    return _addresses(native.getaddrinfo(host, port, 0, socket.SOCK_STREAM))


class Resolver:
    """Finds the addresses of hosts for one job; each wait is bounded by connect_timeout."""

    def __init__(
        self,
        connect_timeout: float,
        clock: Clock,
        look_up: LookUp = resolve,
        threads: Optional[Threads] = None,
    ) -> None:
        self._connect_timeout = connect_timeout
        self._clock = clock
        self._look_up = look_up
        # gevent's own look-ups share ten threads: ten that hang would stall every other job.
        self._threads = threads or Threads()
        self._known: dict[tuple[str, int], tuple[int, Sequence[Address]]] = {}
        self._pending: dict[tuple[str, int], AsyncResult] = {}

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
        """Ask again after DOUBTED: all addresses of this host have failed."""
        if known := self._known.get((host, port)):
            expiry, addresses = known
            self._known[host, port] = min(expiry, self._clock.now() + DOUBTED), addresses

    def close(self) -> None:
        """Fail those who wait; a look-up that hangs is left to end by itself."""
        self._known.clear()
        for pending in self._pending.values():
            pending.set(OSError("the job has ended"))
        self._threads.close()

    def _remember(self, host: str, port: int, found: Sequence[Address]) -> Sequence[Address]:
        self._known[host, port] = self._clock.now() + REMEMBERED, found
        return found

    def _ask(self, host: str, port: int) -> Sequence[Address]:
        """Look the name up, or wait for the look-up of it that another greenlet began."""
        pending = self._pending.get((host, port))
        if pending is None:
            pending = self._pending[host, port] = AsyncResult()
            gevent.spawn(self._run, host, port, pending)
        pending.wait(timeout=self._connect_timeout)
        if not pending.ready():
            self._clock.read_what_is_ready()
        if not pending.ready():
            limit = f"connect_timeout ({self._connect_timeout:g}s)"
            reason = f"the name server did not answer within {limit}"
            raise TransferError("dns", f"{host} port {port}: {reason}")
        answer: Answer = pending.value
        if isinstance(answer, Exception):
            raise _failure(answer, host, port) from answer
        return answer

    def _run(self, host: str, port: int, pending: AsyncResult) -> None:
        """Run one look-up to its end, even if nobody waits for it any more."""
        answer: Answer
        try:
            answer = self._threads.run(partial(self._look_up, host, port))
            answer = answer or OSError("the name has no address")
        except Exception as error:  # noqa: BLE001 - the transfers that wait must fail with it
            answer = error.with_traceback(None)
        del self._pending[host, port]
        if not isinstance(answer, Exception):
            _log.debug("resolved", host=host, addresses=", ".join(map(str, answer)))
        pending.set(answer)


def _literal(host: str, port: int) -> Sequence[Address]:
    """Return the address if the host is one already, else nothing; never asks a name server."""
    try:
        flags = socket.AI_NUMERICHOST
        return _addresses(native.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, flags))
    except (OSError, UnicodeError):
        return ()


def _addresses(found: Sequence[Any]) -> Sequence[Address]:
    return tuple(Address(family, sockaddr) for family, _, _, _, sockaddr in found)


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
