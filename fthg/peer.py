"""The two ends of a connection, as results name them."""

from __future__ import annotations

from typing import NamedTuple, Optional


class Peer(NamedTuple):
    """The connection that a transfer used, or tried to use."""

    remote: str  # address:port, an IPv6 address in brackets
    local_port: int
    reused: bool  # it had carried transfers before
    connection: Optional[int] = None  # its number in the log of this process; None: not known
