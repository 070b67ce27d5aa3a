"""Finds the way to a server: directly, or through the job's proxy or one of the environment."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple, Optional

import requests
import voluptuous as vol
from requests.utils import select_proxy

from ... import urls
from ...clock import Clock
from ...errors import TransferError
from ...urls import Url
from . import values
from .authorization import Authorization
from .options import HttpOptions
from .resumption import Resumption

if TYPE_CHECKING:
    from .connection import HttpConnection

_REMEMBERED = 100
"""Routes that are kept, beside those with idle connections: redirects may name any servers."""


class Proxy(NamedTuple):
    """An HTTP proxy, and the header line with its credentials; empty where it has none."""

    server: Url
    authorization: str


class Route:
    """The way to one server, with its idle connections and the TLS session to resume."""

    __slots__ = ("idle", "proxy", "resumption", "server")

    def __init__(self, server: Url, proxy: Optional[Proxy], resumption: Resumption) -> None:
        self.server = server
        self.proxy = proxy
        self.resumption = resumption
        self.idle: deque[tuple[int, HttpConnection]] = deque()
        """Each with the moment until when it may be used again; the latest used last."""

    @property
    def secure(self) -> bool:
        """Return True if the server itself is called in TLS; a proxy is then asked for a tunnel."""
        return self.server.scheme == "https"

    @property
    def forwarded(self) -> Optional[Proxy]:
        """Return the proxy that reads the requests themselves and passes them on, if there is."""
        return None if self.secure else self.proxy


class Routes:
    """The routes of one job, each made when it is needed first."""

    def __init__(self, options: HttpOptions, session: requests.Session, clock: Clock) -> None:
        self._proxy = options.proxy
        self._session = session
        self._clock = clock
        self._known: dict[tuple[str, str, int], Route] = {}

    def find(self, server: Url) -> Route:
        """Return the route to a server; raises TransferError (proxy)."""
        key = server.scheme, server.host, server.port
        route = self._known.get(key)
        if route is None:
            if len(self._known) >= _REMEMBERED:
                self._known = {key: route for key, route in self._known.items() if route.idle}
            route = Route(server, self._find_proxy(server), Resumption(self._clock))
            self._known[key] = route
        return route

    def _find_proxy(self, server: Url) -> Optional[Proxy]:
        text = self._proxy
        if text is None and self._session.trust_env:
            url = f"{server.scheme}://{server.authority}/"
            settings = self._session.merge_environment_settings(url, {}, True, True, None)
            text = select_proxy(url, settings["proxies"])
        return _parse_proxy(text) if text else None


def _parse_proxy(text: str) -> Proxy:
    try:
        server = urls.parse(values.proxy(text))
    except vol.Invalid as error:
        raise TransferError("proxy", f"the environment's proxy: {error.msg}") from None
    if server.user is None:
        return Proxy(server, "")
    value = Authorization.basic(server.user, server.password or "").value
    return Proxy(server, f"Proxy-Authorization: {value}\r\n")
