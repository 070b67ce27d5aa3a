"""Opens TCP connections for one job."""

from __future__ import annotations

import errno
import os
import socket

from ..clock import SECOND, Clock
from ..errors import TransferError
from ..log import Log
from .deadlines import TimeLimit
from .descriptors import descriptors_exhausted, is_exhausted
from .resolver import Address, LookUp, Resolver, resolve

_log = Log("fthg.dial")


class Dialer:
    """Opens TCP connections for one job, to each address of a name in turn."""

    def __init__(self, connect_timeout: float, clock: Clock, look_up: LookUp = resolve) -> None:
        self._connect_timeout = connect_timeout
        self._clock = clock
        self._resolver = Resolver(connect_timeout, clock, look_up)
        self._closed = False

    def dial(self, host: str, port: int) -> socket.socket:
        """Return a connected socket, TCP_NODELAY set, within connect_timeout.

        Raises TransferError: dns, refused, unreachable, connect_timeout, descriptors; reset once
        the job has ended.
        """
        deadline = self._clock.now() + int(self._connect_timeout * SECOND)
        addresses = self._resolver.addresses(host, port)
        failures: list[tuple[str, str]] = []  # not the errors: they refer to this very frame
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
        self._resolver.doubt(host, port)
        kind = failures[0][0]
        details = "; ".join(detail for _, detail in failures)
        details = details.replace(f"{host}: ", "")  # an address need not be named twice
        raise TransferError(kind, f"{host} port {port}: {details}")

    def close(self) -> None:
        """Dial no more."""
        self._closed = True
        self._resolver.close()

    def _connect(self, host: str, port: int, address: Address, seconds: float) -> socket.socket:
        try:
            connection = socket.socket(address.family, socket.SOCK_STREAM)
        except OSError as error:
            raise self._failure(error, host, port, address) from error
        try:
            with TimeLimit(max(seconds, 0.001), self._clock, socket.timeout()):
                connection.connect(address.sockaddr)
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
            raise TransferError("reset", f"{host} port {port}: the job has ended")

    def _failure(self, error: OSError, host: str, port: int, address: Address) -> TransferError:
        if is_exhausted(error):
            return descriptors_exhausted(f"{host} port {port}")
        if isinstance(error, socket.timeout) or error.errno == errno.ETIMEDOUT:
            reason = f"no answer within connect_timeout ({self._connect_timeout:g}s)"
            return TransferError("connect_timeout", f"{address}: {reason}")
        if error.errno == errno.EADDRNOTAVAIL:
            reason = "no local port or address is left to call from (net.ipv4.ip_local_port_range)"
            return TransferError("unreachable", f"{address}: {reason}")
        kind = "refused" if error.errno in (errno.ECONNREFUSED, errno.ECONNRESET) else "unreachable"
        reason = error.strerror or (os.strerror(error.errno) if error.errno else str(error))
        return TransferError(kind, f"{address}: {reason}")
