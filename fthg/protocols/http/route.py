"""Finds the way to a server: directly, or through the job's proxy or one of the environment."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, Optional

import requests
import voluptuous as vol
from requests.utils import select_proxy

from ...clock import Clock
from ...errors import TransferError
from ...urls import Url
from ..endpoint import Endpoint
from ..proxy import Proxy, parse_proxy
from ..proxy import proxy as read_proxy
from .options import HttpOptions
from .tls.resumption import Resumption

if TYPE_CHECKING:
    from .connection import HttpConnection

_REMEMBERED = 100
"""Routes that are kept, beside those with idle connections: redirects may name any servers."""


class Route:
    """The way to one server, with its idle connections and the TLS session to resume."""

    __slots__ = ("idle", "proxy", "resumption", "server", "target")

    def __init__(
        self, server: Url, target: Endpoint, proxy: Optional[Proxy], resumption: Resumption
    ) -> None:
        self.server = server
        self.target = target
        """Host and port that a proxy must connect to: the server's, or those of connect_to."""
        self.proxy = proxy
        self.resumption = resumption
        self.idle: deque[tuple[int, HttpConnection]] = deque()
        """Each with the moment until when it may be used again; the latest used last."""

    @property
    def secure(self) -> bool:
        """Return True if the server itself is called in TLS; a proxy is then asked for a tunnel."""
        return self.server.scheme == "https"

    @property
    def tunnelled(self) -> Optional[Proxy]:
        """Return the HTTP proxy that is asked to connect to the target, if there is one."""
        proxy = self.proxy
        return None if proxy is None or proxy.is_socks or self.forwarded else proxy

    @property
    def forwarded(self) -> Optional[Proxy]:
        """Return the proxy that reads the requests themselves and passes them on, if there is."""
        if self.secure or self.proxy is None or self.proxy.is_socks:
            return None
        # It would look for the server where the URL says.
        replaced = self.target != (self.server.host, self.server.port)
        return None if replaced else self.proxy


class Routes:
    """The routes of one job, each made when it is needed first."""

    def __init__(self, options: HttpOptions, session: requests.Session, clock: Clock) -> None:
        self._proxy = options.proxy
        self._destination = options.destination
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
            target = self._destination(server.host, server.port)
            route = Route(server, target, self._find_proxy(server), Resumption(self._clock))
            self._known[key] = route
        return route

    def _find_proxy(self, server: Url) -> Optional[Proxy]:
        if self._proxy is not None:
            return parse_proxy(self._proxy)
        if not self._session.trust_env:
            return None
        url = f"{server.scheme}://{server.authority}/"
        settings = self._session.merge_environment_settings(url, {}, True, True, None)
        text = select_proxy(url, settings["proxies"])
        return _of_environment(text, server.scheme) if text else None


def _of_environment(text: str, scheme: str) -> Proxy:
    """Return the proxy that a variable names; raises TransferError (proxy) with its name."""
    try:
        return parse_proxy(read_proxy(text))
    except vol.Invalid as error:
        wanted = (f"{scheme}_proxy", "all_proxy")
        names = [name for name in os.environ if name.lower() in wanted]
        variable = next((name for name in names if os.environ[name] == text), wanted[0])
        raise TransferError("proxy", f"the variable {variable}: {error.msg}") from None
