"""Reaches SSH servers by TCP, directly or through the job's proxy."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from ....clock import Clock
from ...dial import Dialer, OnPhase
from ...http.tunnel import open_tunnel
from ...proxy import parse_proxy
from ...proxy_dialer import ProxyDialer
from ..options import SftpOptions


def _stands() -> str:
    """Return an empty text: there is no host between that could be lost."""
    return ""


class Reached(NamedTuple):
    """A connection to a server."""

    stream: socket.socket
    early: bytes = b""  # what has been read from it already
    lost: Callable[[], str] = _stands  # why a host between was lost; empty while it is not


Reach = Callable[[str, int, OnPhase], Reached]
"""Connects to a host and port within connect_timeout; raises TransferError."""


def way(options: SftpOptions, dialer: Dialer, clock: Clock) -> Reach:
    """Return the function by which this job reaches hosts."""
    if options.proxy is None:
        return lambda host, port, on_phase: Reached(dialer.reach(host, port, on_phase))
    proxy = parse_proxy(options.proxy)
    through = ProxyDialer(proxy, dialer, options.connect_timeout, clock)

    def reach(host: str, port: int, on_phase: OnPhase) -> Reached:
        target = options.destination(host, port)
        if proxy.is_socks:
            return Reached(through.dial_socks(target, on_phase))
        # A server may send its version at once, together with the proxy's answer.
        return Reached(*through.dial(target, on_phase, partial(open_tunnel, clock=clock)))

    return reach
