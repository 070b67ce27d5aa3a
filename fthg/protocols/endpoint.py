"""Reads the keys that redirect connections, `connect_to`, or choose their local end, `source`."""

from __future__ import annotations

import ipaddress
from typing import Any, NamedTuple

import voluptuous as vol

from .. import urls
from ..config import values

_NO_ENDPOINT = (
    "it is not a host and a port from 1 to 65535; write host:port, an IPv6 address in brackets"
)


class Endpoint(NamedTuple):
    """A host and a port of TCP."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def endpoint(value: Any) -> Endpoint:
    """Read `host:port`; an IPv6 address stands in brackets."""
    text = values.filled(value).strip()
    try:
        read = urls.parse(f"tcp://{text}")
    except ValueError:
        raise vol.Invalid(_NO_ENDPOINT) from None
    if not read.has_port or read.rest or read.user is not None:
        raise vol.Invalid(_NO_ENDPOINT)
    return Endpoint(read.host, read.port)


def local_addresses(value: Any) -> tuple[str, ...]:
    """Read one address of this host, or a list of them."""
    return tuple(values.list_of(_address)(value))


def _address(value: Any) -> str:
    text = values.filled(value).strip()
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise vol.Invalid(f"{text!r} is not an IP address; write 192.0.2.5") from None
    return text
