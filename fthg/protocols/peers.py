"""Reads the two ends of a connection, in the one form that results and logs have."""

from __future__ import annotations

import socket
from typing import Optional

from ..peer import Peer
from .addresses import show_address


def peer_of(stream: socket.socket, reused: bool = False) -> Optional[Peer]:
    """Return the ends of a connected socket; None if it is not connected any more."""
    try:
        return Peer(show_address(stream.getpeername()), stream.getsockname()[1], reused)
    except (OSError, IndexError):  # IndexError: it is not of TCP
        return None
