"""Opens connections to servers through one proxy, within connect_timeout."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import TypeVar

from ..clock import SECOND, Clock
from ..errors import TransferError
from . import socks
from .deadlines import TimeLimit, TimeUpError
from .dial import Dialer, OnPhase
from .endpoint import Endpoint
from .peers import peer_of
from .proxy import Proxy, address_of, ascii_name

Answered = TypeVar("Answered")


class ProxyDialer:
    """Calls one proxy, and asks it for connections."""

    def __init__(self, proxy: Proxy, dialer: Dialer, connect_timeout: float, clock: Clock) -> None:
        self._proxy = proxy
        self._dialer = dialer
        self._connect_timeout = connect_timeout
        self._clock = clock

    def dial(
        self,
        target: Endpoint,
        on_phase: OnPhase,
        ask: Callable[[socket.socket, Proxy, Endpoint], Answered],
    ) -> tuple[socket.socket, Answered]:
        """Call the proxy and `ask` it for the target; return the connection, and what it returned.

        Raises TransferError of kind proxy, or one of HOST_LIMITS.
        """
        return self._dial(target, on_phase, ask, self._deadline())

    def dial_socks(self, target: Endpoint, on_phase: OnPhase) -> socket.socket:
        """Return a connection through a SOCKS5 proxy; see `dial`, and dns if this host resolves."""
        deadline = self._deadline()
        failed = self._proxy.fault(f"there is no address of {target.host} to ask for")
        for each in self._targets(target, on_phase):
            try:
                return self._dial(each, on_phase, socks.connect, deadline)[0]
            except TransferError as error:
                if error.code not in socks.OF_ADDRESS or self._clock.now() >= deadline:
                    raise
                failed = error
        raise failed

    def _targets(self, target: Endpoint, on_phase: OnPhase) -> Iterator[Endpoint]:
        """Yield the name of the target, or else its addresses in turn."""
        if self._proxy.resolves or address_of(target.host):
            yield target._replace(host=ascii_name(target.host))
            return
        try:
            addresses = self._dialer.addresses(target.host, target.port, on_phase)
        except TransferError as error:
            if error.kind != "dns":
                raise
            detail = f"{error.detail}; with socks5h:// the proxy looks names up"
            raise TransferError("dns", detail) from error
        for address in addresses:
            yield target._replace(host=str(address.sockaddr[0]))

    def _dial(
        self,
        target: Endpoint,
        on_phase: OnPhase,
        ask: Callable[[socket.socket, Proxy, Endpoint], Answered],
        deadline: int,
    ) -> tuple[socket.socket, Answered]:
        stream = self._proxy.call(self._dialer, on_phase, deadline)
        peer = peer_of(stream)
        limit = TimeLimit(max((deadline - self._clock.now()) / SECOND, 0.001), self._clock)
        try:
            with limit:
                return stream, ask(stream, self._proxy, target)
        except BaseException as error:
            stream.close()
            if error is limit:
                within = f"within connect_timeout ({self._connect_timeout:g}s)"
                raise self._proxy.fault(f"no connection to {target} {within}", peer=peer) from error
            if isinstance(error, (TransferError, TimeUpError)):
                error.peer = peer
            raise

    def _deadline(self) -> int:
        return self._clock.now() + int(self._connect_timeout * SECOND)
