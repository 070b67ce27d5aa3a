"""Proxies: their URLs, and connections to them; failures of these are of kind `proxy`."""

from __future__ import annotations

import ipaddress
import socket
from base64 import b64encode
from typing import Any, NamedTuple, Optional

import voluptuous as vol

from .. import urls
from ..config import values
from ..errors import HOST_LIMITS, TransferError
from ..peer import Peer
from ..urls import Url
from .dial import Dialer, OnPhase

_SCHEMES = ("http", "https", "socks5", "socks5h")
_HINT = "write http://proxy.example.com:3128 or socks5://proxy.example.com:1080"
_LONGEST_WORD = 255  # bytes of a user or password of SOCKS5 (RFC 1929)


class Proxy(NamedTuple):
    """A proxy: its address, and the user and password that it may ask for."""

    server: Url

    @property
    def is_socks(self) -> bool:
        """True if it speaks SOCKS5, False if it is an HTTP proxy."""
        return self.server.scheme.startswith("socks5")

    @property
    def resolves(self) -> bool:
        """True if names are left to it; with socks5:// this host asks its own name server."""
        return self.server.scheme != "socks5"

    @property
    def authorization(self) -> str:
        """The header line with its credentials (RFC 7617, UTF-8); empty where it has none."""
        user, password = self.server.user, self.server.password or ""
        if user is None:
            return ""
        pair = f"{user}:{password}".encode("utf-8", "surrogateescape")
        return f"Proxy-Authorization: Basic {b64encode(pair).decode()}\r\n"

    @property
    def shown(self) -> str:
        """Its URL without user and password."""
        return f"{self.server.scheme}://{self.server.authority}"

    @property
    def name(self) -> str:
        """Its host and port as people read them."""
        return f"{self.server.server} (proxy)"

    def fault(
        self, reason: str, code: Optional[int] = None, peer: Optional[Peer] = None
    ) -> TransferError:
        """Return the error of a transfer that it kept from its server."""
        return TransferError("proxy", f"{self.name}: {reason}", code=code, peer=peer)

    def call(
        self, dialer: Dialer, on_phase: OnPhase, deadline: Optional[int] = None
    ) -> socket.socket:
        """Return a connection to the proxy itself, as Dialer.dial; raises TransferError.

        The kind is proxy, or one that is not its fault: of HOST_LIMITS, or reset after the job.
        """
        try:
            return dialer.dial(self.server.host, self.server.port, on_phase, deadline)
        except TransferError as error:
            if error.kind in (*HOST_LIMITS, "reset"):
                raise
            reason = error.detail.removeprefix(f"{self.server.server}: ")
            raise self.fault(reason, peer=error.peer) from error


def proxy(value: Any) -> str:
    """Read the URL of a proxy; without a scheme it is http."""
    url = values.filled(value).strip()
    url = url if "://" in url else f"http://{url}"
    try:
        server = urls.parse(url)
    except ValueError as error:
        raise vol.Invalid(f"{error}; {_HINT}") from None
    if server.scheme not in _SCHEMES:
        raise vol.Invalid(f"proxies are of {', '.join(_SCHEMES[:-1])} or {_SCHEMES[-1]}; {_HINT}")
    if server.path not in ("", "/") or server.query or server.fragment:
        raise vol.Invalid(f"nothing follows the port of a proxy; {_HINT}")
    if server.scheme.startswith("socks5") and server.user is not None:
        _check_words(server)
    return url


def parse_proxy(url: str) -> Proxy:
    """Return the proxy of a URL that was read before."""
    return Proxy(urls.parse(url))


def ascii_name(host: str) -> str:
    """Return the name of a host as it goes over the network, an address without its zone."""
    if host.isascii():
        return host.partition("%")[0]
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        raise TransferError("name", f"{host!r} is not the name of a host") from None


def address_of(host: str) -> Optional[bytes]:
    """Return the 4 or 16 bytes of an address; None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).packed
    except ValueError:
        return None


def _check_words(server: Url) -> None:
    """Raise vol.Invalid unless SOCKS5 can carry user and password."""
    for what, word in (("user", server.user or ""), ("password", server.password or "")):
        if len(word.encode("utf-8", "surrogateescape")) > _LONGEST_WORD:
            raise vol.Invalid(f"SOCKS5 takes a {what} of {_LONGEST_WORD} bytes at most")
    if not server.user:
        raise vol.Invalid("SOCKS5 takes no empty user name")
