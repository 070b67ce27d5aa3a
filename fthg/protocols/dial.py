"""Connecting to a server: name look-up and TCP, one Dialer a job so that no job stalls another."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Optional, Union

import gevent
from gevent import monkey
from gevent.event import AsyncResult
from gevent.threadpool import ThreadPool

from ..clock import SECOND, Clock
from ..errors import TransferError
from ..log import Log

REMEMBERED = 30 * SECOND
"""How long an answer of the name server is used."""

DOUBTED = SECOND
"""How long it is used once all its addresses have failed: the server may have moved."""

_look_up_blocking = monkey.get_original("socket", "getaddrinfo")
_NO_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)
_log = Log("fthg.dial")


class Address(NamedTuple):
    """Where a name leads to: what socket.connect() takes."""

    family: int
    sockaddr: tuple[Any, ...]

    def __str__(self) -> str:
        return str(self.sockaddr[0])


Resolver = Callable[[str, int], Sequence[Address]]
"""Host and port → addresses, best first; may block its thread; raises OSError."""

Answer = Union[Sequence[Address], Exception]


def resolve(host: str, port: int) -> Sequence[Address]:
    """Ask the system for a host's addresses, as its own tools would (getaddrinfo, RFC 6724)."""
    return _addresses(_look_up_blocking(host, port, 0, socket.SOCK_STREAM))


def _literal(host: str, port: int) -> Sequence[Address]:
    """The address if the host is one already, else nothing; never asks a name server."""
    try:
        flags = socket.AI_NUMERICHOST
        return _addresses(_look_up_blocking(host, port, 0, socket.SOCK_STREAM, 0, flags))
    except (OSError, UnicodeError):
        return ()


def _addresses(found: Sequence[Any]) -> Sequence[Address]:
    return tuple(Address(family, sockaddr) for family, _, _, _, sockaddr in found)


class Dialer:
    """Opens TCP connections for one job; names are looked up in a thread of its own."""

    def __init__(self, connect_timeout: float, clock: Clock, resolver: Resolver = resolve) -> None:
        self._timeout = connect_timeout
        self._clock = clock
        self._resolver = resolver
        self._closed = False
        # gevent's own look-ups share ten threads: ten that hang would stall every other job.
        self._pool: Optional[ThreadPool] = None
        self._known: dict[tuple[str, int], tuple[int, Sequence[Address]]] = {}
        self._asked: dict[tuple[str, int], AsyncResult] = {}

    def dial(self, host: str, port: int) -> socket.socket:
        """A connected socket, TCP_NODELAY set, within connect_timeout.

        Raises TransferError: dns, refused, unreachable, connect_timeout, descriptors; reset once
        the job has ended.
        """
        deadline = self._clock.now() + int(self._timeout * SECOND)
        addresses = self._resolve(host, port)
        failures: list[tuple[str, str]] = []  # not the errors: they lead back to this very frame
        for tried, address in enumerate(addresses):
            # An address that swallows packets may not use up the time of those after it.
            left = (deadline - self._clock.now()) / SECOND / (len(addresses) - tried)
            try:
                self._refuse_if_closed(host, port)
                return self._connect(host, port, address, left)
            except TransferError as failure:
                if self._closed or failure.kind == "descriptors":
                    raise
                failures.append((failure.kind, failure.detail))
        self._doubt(host, port)
        kind = failures[0][0]
        details = "; ".join(detail for _, detail in failures)
        details = details.replace(f"{host}: ", "")  # an address needs no telling twice
        raise TransferError(kind, f"{_place(host, port)}: {details}")

    def close(self) -> None:
        """Dial no more; a look-up that hangs is left to end by itself."""
        self._closed = True
        self._known.clear()
        for asked in self._asked.values():
            asked.set(OSError("the job has ended"))
        if self._pool is not None:
            gevent.spawn(self._pool.kill).join(timeout=0.2)

    def _connect(self, host: str, port: int, address: Address, seconds: float) -> socket.socket:
        try:
            connection = socket.socket(address.family, socket.SOCK_STREAM)
        except OSError as error:
            raise self._failure(error, host, port, address) from error
        try:
            connection.settimeout(max(seconds, 0.001))
            connection.connect(address.sockaddr)
            connection.settimeout(None)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._refuse_if_closed(host, port)
            _log.debug(
                "connected",
                host=host,
                local_port=connection.getsockname()[1],
                remote=str(address),
                remote_port=port,
            )
        except BaseException as error:
            connection.close()
            if isinstance(error, OSError):
                raise self._failure(error, host, port, address) from error
            raise
        return connection

    def _refuse_if_closed(self, host: str, port: int) -> None:
        if self._closed:
            raise TransferError("reset", f"{_place(host, port)}: the job has ended")

    def _failure(self, error: OSError, host: str, port: int, address: Address) -> TransferError:
        if error.errno in _NO_DESCRIPTORS:
            return _out_of_descriptors(host, port)
        if isinstance(error, socket.timeout) or error.errno == errno.ETIMEDOUT:
            reason = f"no answer within connect_timeout ({self._timeout:g}s)"
            return TransferError("connect_timeout", f"{address}: {reason}")
        if error.errno == errno.EADDRNOTAVAIL:
            reason = "no local port or address is left to call from (net.ipv4.ip_local_port_range)"
            return TransferError("unreachable", f"{address}: {reason}")
        kind = "refused" if error.errno in (errno.ECONNREFUSED, errno.ECONNRESET) else "unreachable"
        return TransferError(kind, f"{address}: {_reason(error)}")

    def _resolve(self, host: str, port: int) -> Sequence[Address]:
        key = host, port
        expiry, addresses = self._known.get(key, (0, ()))
        if self._clock.now() < expiry:
            return addresses
        addresses = _literal(host, port) or self._ask(host, port)
        self._known[key] = self._clock.now() + REMEMBERED, addresses
        return addresses

    def _doubt(self, host: str, port: int) -> None:
        if known := self._known.get((host, port)):
            expiry, addresses = known
            self._known[host, port] = min(expiry, self._clock.now() + DOUBTED), addresses

    def _ask(self, host: str, port: int) -> Sequence[Address]:
        """Look the name up, or wait for the look-up of it that another greenlet began."""
        asked = self._asked.get((host, port))
        if asked is None:
            asked = self._asked[host, port] = AsyncResult()
            gevent.spawn(self._look_up, host, port, asked)
        answer: Answer = asked.wait(timeout=self._timeout)
        if not asked.ready():
            reason = f"the name server did not answer within connect_timeout ({self._timeout:g}s)"
            raise TransferError("dns", f"{_place(host, port)}: {reason}")
        if isinstance(answer, Exception):
            raise _look_up_failure(answer, host, port) from answer
        return answer

    def _look_up(self, host: str, port: int, asked: AsyncResult) -> None:
        """Run one look-up to its end, whatever becomes of those who wait for it."""
        if self._pool is None:
            self._pool = ThreadPool(1)
        answer: Answer = self._pool.apply(_answer, (self._resolver, host, port))
        del self._asked[host, port]
        if not isinstance(answer, Exception):
            _log.debug("resolved", host=host, addresses=", ".join(map(str, answer)))
        asked.set(answer)


def _answer(resolver: Resolver, host: str, port: int) -> Answer:
    """What the name server says; as a value, for gevent prints what its threads raise."""
    try:
        return resolver(host, port) or OSError("the name has no address")
    except (OSError, UnicodeError) as error:
        return error


def _look_up_failure(error: Exception, host: str, port: int) -> TransferError:
    if isinstance(error, OSError) and error.errno in _NO_DESCRIPTORS:
        return _out_of_descriptors(host, port)
    reason = _reason(error) if isinstance(error, OSError) else "it is not a valid host name"
    return TransferError("dns", f"{_place(host, port)}: {reason}")


def _out_of_descriptors(host: str, port: int) -> TransferError:
    reason = "this process has no file descriptor left; raise its limit (ulimit -n)"
    return TransferError("descriptors", f"{_place(host, port)}: {reason}")


def _place(host: str, port: int) -> str:
    return f"{host} port {port}"


def _reason(error: OSError) -> str:
    return error.strerror or (os.strerror(error.errno) if error.errno else str(error))
