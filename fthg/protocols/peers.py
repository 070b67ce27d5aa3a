"""Reads the two ends of a connection, and its number, in the one form of results and logs."""

from __future__ import annotations

import itertools
import socket
from collections.abc import MutableMapping
from typing import Optional
from weakref import WeakKeyDictionary

from ..peer import Peer
from .addresses import show_address

_next = itertools.count(1)
_numbers: MutableMapping[socket.socket, int] = WeakKeyDictionary()


def number(stream: socket.socket) -> int:
    """Give a connection that was made its number: the next one of this process, from 1."""
    _numbers[stream] = found = next(_next)
    return found


def peer_of(stream: socket.socket, reused: bool = False) -> Optional[Peer]:
    """Return the ends of a connected socket; None if it is not connected any more."""
    try:
        remote, local_port = show_address(stream.getpeername()), stream.getsockname()[1]
    except (OSError, IndexError):  # IndexError: it is not of TCP
        return None
    return Peer(remote, local_port, reused, _numbers.get(stream))
