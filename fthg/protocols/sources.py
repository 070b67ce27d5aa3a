"""The local addresses that a job connects from, in turn."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Optional

from .. import native
from ..errors import StartError, TransferError
from .addresses import Address
from .look_ups import addresses_of

_TURNS = 1000
"""Addresses of servers whose turns are kept: redirects may name any number of them."""

_IP_BIND_ADDRESS_NO_PORT = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)


class Sources:
    """The local addresses of a job, for each address of a server in turn; none: any will do.

    So two local and two remote addresses make all four pairs, not the same two for ever.
    """

    def __init__(self, texts: Sequence[str], turn: int = 0) -> None:
        """Begin with address number `turn`; StartError for one that this host does not have."""
        self._turn = turn
        self._turns: dict[Address, int] = {}
        self._of_family: dict[int, list[Address]] = {}
        for text in texts:
            source = _own(text)
            self._of_family.setdefault(source.family, []).append(source)

    def __str__(self) -> str:
        return ", ".join(str(each) for all_ in self._of_family.values() for each in all_)

    def reachable(self, found: Sequence[Address], host: str, port: int) -> Sequence[Address]:
        """Return the addresses of a server that are of a family of the sources.

        Raises TransferError (unreachable) if there is none.
        """
        if not self._of_family:
            return found
        reachable = [address for address in found if address.family in self._of_family]
        if not reachable:
            theirs = ", ".join(map(str, found))
            reason = f"source has no address of the family of {theirs}, only {self}"
            raise TransferError("unreachable", f"{host} port {port}: {reason}")
        return reachable

    def next(self, address: Address) -> Optional[Address]:
        """Return where the next connection to this address comes from; None: from anywhere."""
        sources = self._of_family.get(address.family)
        if not sources:
            return None
        if len(self._turns) >= _TURNS:
            self._turns.clear()
        turn = self._turns.get(address, self._turn)
        self._turns[address] = turn + 1
        return sources[turn % len(sources)]


def bind(connecting: socket.socket, source: Address) -> None:
    """Let a socket connect from this address; raises OSError.

    The port is chosen on connecting, so that each server can be reached from every port.
    """
    with suppress(OSError):  # a system without it has fewer connections, that is all
        connecting.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
    connecting.bind(source.sockaddr)


def _own(text: str) -> Address:
    """Return the address if something can be bound to it."""
    try:
        flags = socket.AI_NUMERICHOST
        found = native.getaddrinfo(text, 0, 0, socket.SOCK_STREAM, 0, flags)
        source = addresses_of(found)[0]
        with socket.socket(source.family, socket.SOCK_STREAM) as tried:
            bind(tried, source)
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno == errno.EADDRNOTAVAIL:
            reason = f"this host has no such address; {adding(text)}"
        raise StartError(f"source: {text}: {reason}") from None
    return source


def adding(source: str) -> str:
    """Return how an address is added to this host."""
    return f"add it with: ip address add {source} dev INTERFACE"
