"""The addresses of a host, and the order in which the connections of a job try them."""

from __future__ import annotations

import random
import socket
from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from ..clock import SECOND, Clock

AVOIDED = 30 * SECOND
"""Nanoseconds for which an address that failed is tried after all others."""

CHOICES = ("rotate", "first", "random")
"""The values of `addresses`: which address a new connection tries first."""


class Address(NamedTuple):
    """An address in the form that socket.connect() takes."""

    family: int
    sockaddr: tuple[Any, ...]

    def __str__(self) -> str:
        return show_host(self.sockaddr)


def show_host(sockaddr: tuple[Any, ...]) -> str:
    """Return the address of a sockaddr without its port, with its zone if it has one."""
    host, _, *more = sockaddr
    zone = more[1] if len(more) > 1 else 0
    if not zone:
        return str(host)
    with suppress(OSError):  # the interface is gone
        zone = socket.if_indextoname(zone)
    return f"{host}%{zone}"


def show_address(sockaddr: tuple[Any, ...]) -> str:
    """Return address and port: `192.0.2.1:443`, `[2001:db8::1]:443`."""
    host = show_host(sockaddr)
    return f"[{host}]:{sockaddr[1]}" if ":" in host else f"{host}:{sockaddr[1]}"


def attempt_order(
    addresses: Sequence[Address], turn: int, failed: Collection[Address] = ()
) -> Sequence[Address]:
    """Return the order in which connection number `turn` tries the addresses (RFC 8305, 4).

    It begins with the address whose turn it is, and alternates between IPv4 and IPv6 from there;
    those that have failed follow after all others.
    """
    if len(addresses) == 1:
        return addresses
    good = [address for address in addresses if address not in failed]
    bad = [address for address in addresses if address in failed]
    return [*_alternating(_rotated(good, turn)), *_alternating(_rotated(bad, turn))]


class AddressOrder:
    """The order for each connection of a job, and the addresses that have failed lately."""

    def __init__(self, choice: str, turn: int, clock: Clock) -> None:
        """Begin with connection number `turn`; `choice` is of CHOICES."""
        self._choice = choice
        self._clock = clock
        self._turns: defaultdict[tuple[str, int], int] = defaultdict(lambda: turn)
        self._avoided: dict[Address, int] = {}  # until when, soonest first

    def next(self, host: str, port: int, addresses: Sequence[Address]) -> Sequence[Address]:
        """Return the order for the next connection to a host."""
        if len(addresses) == 1:
            return addresses
        self._forget()
        return attempt_order(addresses, self._turn(host, port), self._avoided)

    def failed(self, address: Address) -> bool:
        """Move a failed address to the end for a while; return False if it was there already."""
        self._forget()
        known = self._avoided.pop(address, None)
        self._avoided[address] = self._clock.now() + AVOIDED
        return known is None

    def connected(self, address: Address) -> None:
        """Put an address back in its place."""
        self._avoided.pop(address, None)

    def _turn(self, host: str, port: int) -> int:
        if self._choice == "first":
            return 0
        if self._choice == "random":
            return random.getrandbits(32)
        turn = self._turns[host, port]
        self._turns[host, port] = turn + 1
        return turn

    def _forget(self) -> None:
        now = self._clock.now()
        for address, until in tuple(self._avoided.items()):
            if until > now:
                break
            del self._avoided[address]


def _rotated(addresses: Sequence[Address], turn: int) -> Sequence[Address]:
    first = turn % len(addresses) if addresses else 0
    return [*addresses[first:], *addresses[:first]]


def _alternating(addresses: Sequence[Address]) -> Sequence[Address]:
    families: dict[int, list[Address]] = {}
    for address in addresses:
        families.setdefault(address.family, []).append(address)
    in_turn = chain.from_iterable(zip_longest(*families.values()))
    return [address for address in in_turn if address is not None]
