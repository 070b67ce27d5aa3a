"""Translates attempts to connect that failed into kinds and words (pure)."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from typing import NamedTuple, Optional

from ..errors import HOST_LIMITS, TransferError
from ..peer import Peer
from .addresses import show_address
from .host_limits import host_limit
from .race import Failed

_REFUSED = (errno.ECONNREFUSED, errno.ECONNRESET)
_ABOUT = 0.05  # seconds by which a wait may fall short of connect_timeout and still be all of it


class Failure(NamedTuple):
    """An attempt that failed, and the reason."""

    attempt: Failed
    kind: str  # of errors.KINDS
    reason: str  # for people, without the address


def explain(attempt: Failed, connect_timeout: float) -> Failure:
    """Return the kind of a failed attempt and the reason in words."""
    number = attempt.number
    where = str(attempt.address)
    limit = host_limit(OSError(number, os.strerror(number)), where)
    if limit:
        return Failure(attempt, limit.kind, limit.detail.removeprefix(f"{where}: "))
    if number == errno.ETIMEDOUT:
        whole = attempt.seconds > connect_timeout - _ABOUT
        digits = 1 if attempt.seconds >= 1 else 2
        measured = f"{attempt.seconds:.{digits}f} s"
        waited = f"connect_timeout ({connect_timeout:g}s)" if whole else measured
        return Failure(attempt, "connect_timeout", f"no answer within {waited}")
    if number == errno.EINVAL and where.startswith("fe80:"):
        reason = "a link-local address needs its zone, as in [fe80::1%25eth0]"
        return Failure(attempt, "unreachable", reason)
    kind = "refused" if number in _REFUSED else "unreachable"
    return Failure(attempt, kind, os.strerror(number))


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
