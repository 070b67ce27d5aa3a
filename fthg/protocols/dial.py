"""Opens TCP connections for one job."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

from ..clock import SECOND, Clock
from ..errors import HOST_LIMITS, TransferError
from ..log import Log
from .addresses import Address, AddressOrder
from .connect_failures import Failure, explain, no_connection
from .look_ups import LOOK_UPS, LookUps
from .options import Options
from .peers import number
from .race import STAGGER, Attempt, Failed, Race, Spares
from .resolver import Resolver
from .sources import Sources

OnPhase = Callable[[str], object]
"""Called with each phase as it begins: `resolving`, if a name server is asked, `connecting`."""

_log = Log("fthg.dial")


class Dialer:
    """Opens TCP connections for one job, to the addresses of a name in the order of the job."""

    def __init__(self, options: Options, clock: Clock, look_ups: LookUps = LOOK_UPS) -> None:
        """Raise StartError if this host does not have one of the job's local addresses."""
        self._job = options.job
        self._destination = options.destination
        self._sources = Sources(options.source, options.part)
        self._connect_timeout = options.connect_timeout
        self._span = int(options.connect_timeout * SECOND)
        self._clock = clock
        self._resolver = Resolver(options.connect_timeout, clock, look_ups)
        self._order = AddressOrder(options.addresses, options.part, clock)
        self._spares = Spares()
        self._closed = False

    def reach(self, host: str, port: int, on_phase: OnPhase = lambda _: None) -> socket.socket:
        """Connect to the job's server, or where connect_to leads in its place; see `dial`."""
        there = self._destination(host, port)
        if there == (host, port):
            return self.dial(host, port, on_phase)
        try:
            return self.dial(there.host, there.port, on_phase)
        except TransferError as error:
            detail = f"{host} port {port}, at {error.detail}"
            raise TransferError(error.kind, detail, peer=error.peer) from error

    def dial(
        self,
        host: str,
        port: int,
        on_phase: OnPhase = lambda _: None,
        deadline: Optional[int] = None,
    ) -> socket.socket:
        """Return a connected socket, TCP_NODELAY set, within connect_timeout, or until `deadline`.

        Raises TransferError: dns, refused, unreachable, connect_timeout, one of HOST_LIMITS; reset
        once the job has ended.
        """
        deadline = deadline or self._clock.now() + self._span
        addresses = self._addresses(host, port, on_phase)
        on_phase("connecting")
        # No server is to blame for the time that its name took.
        deadline = max(deadline, self._clock.now() + min(STAGGER, self._span))
        self._refuse_if_closed(host, port)
        order = self._order.next(host, port, self._sources.reachable(addresses, host, port))
        failures: list[Failure] = []

        def on_failed(failed: Failed) -> None:
            failures.append(self._explained(failed, host, of_several=len(order) > 1))

        source_of = self._sources.next
        attempt = Race(order, deadline, self._clock, self._spares, on_failed, source_of).run()
        if attempt is None:
            if any(failure.kind not in HOST_LIMITS for failure in failures):
                self._resolver.doubt(host, port)
            raise no_connection(failures, host, port)
        return self._connected(attempt, failures, host, port)

    def addresses(self, host: str, port: int, on_phase: OnPhase) -> Sequence[Address]:
        """Return the addresses of a host as the next connection tries them; raises TransferError.

        For proxies that are asked for addresses; the kind is dns.
        """
        return self._order.next(host, port, self._addresses(host, port, on_phase))

    def close(self) -> None:
        """Refuse all further connections."""
        self._closed = True
        self._resolver.close()

    def _addresses(self, host: str, port: int, on_phase: OnPhase) -> Sequence[Address]:
        found = self._resolver.remembered(host, port)
        if not found:
            on_phase("resolving")
            found = self._resolver.addresses(host, port)
        return found

    def _connected(
        self, attempt: Attempt, failures: Sequence[Failure], host: str, port: int
    ) -> socket.socket:
        connection = attempt.socket
        try:
            self._refuse_if_closed(host, port)
            connection.settimeout(None)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            connection.close()
            raise
        self._order.connected(attempt.address)
        connection_number = number(connection)
        if _log.enabled(logging.DEBUG):
            _log.debug(
                "connected",
                connection=connection_number,
                job=self._job or None,
                host=host,
                local_port=attempt.local_port,
                remote=str(attempt.address),
                remote_port=port,
                **_source(attempt),
                **_instead_of(failures),
            )
        return connection

    def _explained(self, failed: Failed, host: str, *, of_several: bool) -> Failure:
        """Log a failed attempt; its address comes last for a while unless this host is to blame."""
        failure = explain(failed, self._connect_timeout)
        news = failure.kind not in HOST_LIMITS and self._order.failed(failed.address)
        log = _log.info if news and of_several else _log.debug
        log(
            "connection attempt failed",
            host=host,
            remote=str(failed.address),
            remote_port=failed.address.sockaddr[1],
            kind=failure.kind,
            reason=failure.reason,
            seconds=round(failed.seconds, 6),
        )
        return failure

    def _refuse_if_closed(self, host: str, port: int) -> None:
        if self._closed:
            raise TransferError("reset", f"{host} port {port}: the job has ended")


def _source(attempt: Attempt) -> Mapping[str, Any]:
    """Return the local address, as a field of the log, if the job chose it."""
    return {} if attempt.source is None else {"local": str(attempt.source)}


def _instead_of(failures: Sequence[Failure]) -> Mapping[str, Any]:
    """Return the addresses that were tried without success, as a field of the log."""
    tried = ", ".join(str(failure.attempt.address) for failure in failures)
    return {"instead_of": tried} if tried else {}
