"""Parses URLs: the one place where fthg takes a URL apart."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Optional
from urllib.parse import unquote

DEFAULT_PORTS: Mapping[str, int] = MappingProxyType(
    {
        "http": 80,
        "https": 443,
        "sftp": 22,
        "socks5": 1080,
        "socks5h": 1080,
        "mysql": 3306,
        "mariadb": 3306,
        "udp": 514,
        "tcp": 514,
    }
)
"""Scheme → port where a URL names none."""

_PARTS = re.compile(r"(?is)([a-z][a-z0-9+.-]*)://(?:([^/?#]*)@)?([^/?#]*)(.*)")
_USER_INFO = re.compile(r"(?<=://)[^/?#]*@")
_NOT_IN_URLS = re.compile(r"[\x00-\x1f\x7f]")
_NOT_IN_HOSTS = re.compile(r"[\x00-\x20\x7f\"#%/<>?@\[\\\]^`{|}]")
_PORT = re.compile(r"0*[0-9]{1,5}", re.ASCII)


class Url(NamedTuple):
    """The parts of a URL; `user`, `password` and `host` are decoded, `rest` is as written."""

    scheme: str  # in lower case
    user: Optional[str]  # None: there is no user info
    password: Optional[str]
    host: str  # in lower case, an IPv6 address without its brackets
    port: int  # the scheme's own where none is given, 0 where that is unknown
    rest: str  # path, query and fragment
    has_port: bool = False  # True: the port is written in the URL

    @property
    def path(self) -> str:
        """The path as written; empty where there is none."""
        return re.split(r"[?#]", self.rest, maxsplit=1)[0]

    @property
    def query(self) -> str:
        """The query as written, without its question mark."""
        return self.rest.partition("#")[0].partition("?")[2]

    @property
    def fragment(self) -> str:
        """The fragment as written, without its number sign."""
        return self.rest.partition("#")[2]

    @property
    def server(self) -> str:
        """Host and port as people read them: `example.com port 443`."""
        return f"{self.host} port {self.port}"

    @property
    def authority(self) -> str:
        """Host and port as they stand in a URL; the scheme's own port is left out."""
        host = f"[{self.host.replace('%', '%25')}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS.get(self.scheme, 0) else f"{host}:{self.port}"

    def without_zone(self) -> Url:
        """Return the URL as others know it: a zone has a meaning on this host only (RFC 6874, 4).

        That is how the server's name stands in Host headers and certificates.
        """
        return self._replace(host=self.host.partition("%")[0])

    def __repr__(self) -> str:
        """Show the server only: all else may hold secrets."""
        return f"<Url {self.scheme}://{self.authority}>"


def parse(text: str) -> Url:
    """Parse a URL.

    Raises ValueError, which quotes no part of the URL: a misplaced `/`, `:` or `@` may make a
    piece of the password look like a host or a port.
    """
    if _NOT_IN_URLS.search(text):
        raise ValueError("a URL cannot hold line ends or other control characters")
    match = _PARTS.fullmatch(text)
    if match is None:
        raise ValueError("a URL begins with a scheme, as in https://server.example.com/")
    scheme, user_info, address, rest = match.groups()
    host, port = _host_and_port(address)
    user, colon, password = (user_info or "").partition(":")
    return Url(
        scheme.lower(),
        None if user_info is None else unquote(user),
        unquote(password) if colon else None,
        host,
        DEFAULT_PORTS.get(scheme.lower(), 0) if port is None else port,
        rest,
        has_port=port is not None,
    )


def scheme_of(url: str) -> str:
    """Return the scheme of a URL in lower case; an empty text where there is none."""
    return url.partition("://")[0].lower() if "://" in url else ""


def without_user_info(url: str) -> str:
    """Return the URL without user and password, also where it cannot be parsed."""
    return _USER_INFO.sub("", url, count=1)


def _host_and_port(address: str) -> tuple[str, Optional[int]]:
    if address.startswith("["):
        name, bracket, port = address[1:].partition("]")
        if not bracket or port[:1] not in ("", ":"):
            raise ValueError("an IPv6 address is written in brackets: [2001:db8::1]:22")
        return _ipv6(name), _port(port[1:])
    name, _, port = address.partition(":")
    if ":" in port:
        raise ValueError(
            "only one colon may stand between host and port; an IPv6 address is written in"
            " brackets, as [2001:db8::1]:22, and special characters in a password as %40"
        )
    host = unquote(name).lower()
    if not host:
        raise ValueError("the URL names no host")
    if _NOT_IN_HOSTS.search(host):
        raise ValueError("the server's name holds characters that no name can have")
    return host, _port(port)


def _ipv6(text: str) -> str:
    """Return the address in lower case, its zone as it is (RFC 6874: `%25eth0`; `%eth0`, too)."""
    address, percent, zone = text.partition("%")
    if zone.startswith("25") and len(zone) > 2:  # as RFC 6874 writes it, not the interface 25
        zone = unquote(zone[2:])
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        raise ValueError("what stands in brackets is not an IPv6 address") from None
    if _NOT_IN_HOSTS.search(zone) or bool(zone) != bool(percent):
        raise ValueError("what stands in brackets is not an IPv6 address") from None
    return address.lower() + percent + zone


def _port(text: str) -> Optional[int]:
    if not text:
        return None
    if not _PORT.fullmatch(text) or not 0 < int(text) < 65536:
        raise ValueError(
            "the port is not a number from 1 to 65535; special characters in a password are"
            " written as %40 and the like"
        )
    return int(text)
