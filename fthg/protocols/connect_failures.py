"""Translates failed attempts to connect into error kinds and texts (pure)."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from typing import NamedTuple, Optional

from ..errors import HOST_LIMITS, TransferError
from ..peer import Peer
from .addresses import Address, show_address
from .host_limits import host_limit
from .race import Failed
from .sources import adding

_REFUSED = (errno.ECONNREFUSED, errno.ECONNRESET)
_NO_PORT = (errno.EADDRNOTAVAIL, errno.EADDRINUSE)
_ABOUT = 0.05  # seconds by which a wait may fall short of connect_timeout and still be all of it


class Failure(NamedTuple):
    """An attempt that failed, and the reason."""

    attempt: Failed
    kind: str  # of errors.KINDS
    reason: str  # for people, without the address


def explain(attempt: Failed, connect_timeout: float) -> Failure:
    """Return the kind of a failed attempt and the reason in words."""
    number, where, source = attempt.number, str(attempt.address), attempt.source
    if source is not None and number in _NO_PORT:
        return Failure(attempt, "ports", _no_port(source, bound=attempt.bound))
    limit = host_limit(OSError(number, os.strerror(number)), where)
    if limit:
        return Failure(attempt, limit.kind, limit.detail.removeprefix(f"{where}: "))
    kind, reason = _kind_and_reason(attempt, connect_timeout)
    return Failure(attempt, kind, reason if source is None else f"{reason} (from {source})")


def _kind_and_reason(attempt: Failed, connect_timeout: float) -> tuple[str, str]:
    number = attempt.number
    if number == errno.ETIMEDOUT:
        whole = attempt.seconds > connect_timeout - _ABOUT
        digits = 1 if attempt.seconds >= 1 else 2
        measured = f"{attempt.seconds:.{digits}f} s"
        waited = f"connect_timeout ({connect_timeout:g}s)" if whole else measured
        return "connect_timeout", f"no answer within {waited}"
    if number == errno.EINVAL and str(attempt.address).startswith("fe80:"):
        return "unreachable", "a link-local address needs its zone, as in [fe80::1%25eth0]"
    if number == errno.EINVAL and attempt.source is not None:
        return "unreachable", "no route leads there from source"
    return "refused" if number in _REFUSED else "unreachable", os.strerror(number)


def _no_port(source: Address, *, bound: bool) -> str:
    if not bound:
        return f"this host has no address {source} any more (source); {adding(str(source))}"
    return (
        f"no local port is left at {source} for this server (net.ipv4.ip_local_port_range); "
        "more addresses in source have more"
    )


def no_connection(failures: Sequence[Failure], host: str, port: int) -> TransferError:
    """Return the error of a call whose attempts have all failed, the server's own fault first."""
    server = f"{host} port {port}"
    first = min(failures, key=lambda failure: failure.kind in HOST_LIMITS)
    reasons = [(str(each.attempt.address), each.reason) for each in failures]
    if first.kind in HOST_LIMITS:
        reasons = [("", first.reason)]
    # An address need not be named twice.
    details = "; ".join(reason if of in ("", host) else f"{of}: {reason}" for of, reason in reasons)
    return TransferError(first.kind, f"{server}: {details}", peer=_peer(first.attempt))


def _peer(attempt: Failed) -> Optional[Peer]:
    if not attempt.local_port:
        return None
    return Peer(show_address(attempt.address.sockaddr), attempt.local_port, reused=False)
