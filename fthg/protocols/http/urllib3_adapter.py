"""Sends requests through requests' own adapter and urllib3: for proxies and redirects."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Optional
from weakref import WeakSet

import requests
from gevent.local import local
from gevent.lock import BoundedSemaphore
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection

from ...clock import Clock
from ...errors import HOST_LIMITS, TransferError
from ..deadlines import TimeLimit
from ..dial import Dialer
from ..stopwatch import Stopwatch
from . import tls
from .answer import EXCERPT
from .body_file import BodyFile
from .failures import ERRORS, failure
from .options import HttpOptions
from .request import UploadRequest
from .urllib3_pools import connection_pools

_READ = 64 * 1024


class Urllib3Adapter(HTTPAdapter):
    """Sends requests through urllib3; outcomes and errors are those of the direct adapter."""

    def __init__(
        self, options: HttpOptions, dialer: Dialer, clock: Clock, context: tls.Context
    ) -> None:
        self._clock = clock
        self._context = context
        self._dialer = dialer
        self._connect_timeout = options.connect_timeout
        self._current = local()  # the request that this greenlet is busy with
        context.unnamed = lambda: str(self._current.host)
        self._slots = BoundedSemaphore(options.connections)
        self._pools = connection_pools(self._dial, self._connect_in_time)
        self._connections: WeakSet[HTTPConnection] = WeakSet()
        self._proxies: set[tuple[str, int]] = set()  # host and port
        super().__init__(pool_maxsize=options.connections)

    def init_poolmanager(self, *args: Any, **settings: Any) -> None:
        """Give urllib3 our connections and our TLS settings."""
        super().init_poolmanager(*args, **settings, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **settings: Any) -> Any:
        """Return urllib3's manager for a proxy, with our connections and our TLS settings."""
        found = super().proxy_manager_for(proxy, **settings, ssl_context=self._context)
        found.pool_classes_by_scheme = self._pools
        self._proxies.add((found.proxy.host, found.proxy.port))
        return found

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave certificates to our context: requests would add those of certifi."""

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """Return the server only: newer releases would add settings of certificates here."""
        server, _ = super().build_connection_pool_key_attributes(*args, **kwargs)
        return server, {}

    def send(
        self, request: requests.PreparedRequest, *_settings: Any, **more: Any
    ) -> requests.Response:
        """Send a request, or what a redirect made of it; raises TransferError and ERRORS."""
        if isinstance(request, UploadRequest):
            self._current.watch = request.watch
            _fill_in(request)
        watch: Stopwatch = self._current.watch
        if self._slots.locked():
            watch.enter("blocked")
        with self._slots:
            watch.enter("sending")
            response = super().send(request, stream=True, proxies=more["proxies"])
            watch.enter("receiving")
            _read_to_end(response)
        watch.enter(None)
        return response

    def close(self) -> None:
        """Close all connections, also those in use: their transfers fail."""
        super().close()
        for connection in tuple(self._connections):
            if connection.sock is not None:
                with suppress(OSError):  # a greenlet that reads from it holds it open: wake it
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
            connection.close()

    def _dial(self, connection: HTTPConnection, next_phase: str) -> socket.socket:
        host, port = connection._dns_host, connection.port
        self._connections.add(connection)
        try:
            stream = self._dialer.dial(host, port, self._current.watch.enter)
            self._current.stream = stream
            return stream
        except TransferError as error:
            if (host, port) in self._proxies and error.kind not in HOST_LIMITS:
                raise TransferError("proxy", f"the proxy: {error.detail}") from error
            raise
        finally:
            self._current.watch.enter(next_phase)

    def _connect_in_time(self, connect: Callable[[], None], host: str) -> None:
        self._current.host, self._current.stream = host, None
        limit = TimeLimit(self._connect_timeout, self._clock)
        try:
            with limit:
                connect()
        except BaseException as error:
            _close_descriptor(self._current.stream)
            if error is not limit:
                raise
            limit_text = f"connect_timeout ({self._connect_timeout:g}s)"
            reason = f"no finished handshake within {limit_text}"
            raise TransferError("connect_timeout", f"{host}: {reason}") from error
        self._current.watch.enter("sending")


def _close_descriptor(stream: Optional[socket.socket]) -> None:
    """Close the socket of a refused tunnel: http.client may still refer to it by its answer."""
    descriptor = -1 if stream is None else stream.detach()
    if descriptor >= 0:
        os.close(descriptor)


def _fill_in(request: UploadRequest) -> None:
    """Set URL, headers and body in the form that requests' own adapter reads."""
    template = request.template
    root = (template.prepared.url or "").rstrip("/")
    request.url = root + template.target(request.transfer)
    headers: Any = template.header_fields(request)  # bytes: http.client sends text as Latin-1
    request.headers = CaseInsensitiveDict(headers)
    request.__dict__.update(body=BodyFile(request), _body_position=0)


def _read_to_end(response: requests.Response) -> None:
    """Read the answer, keep an excerpt as its content, and give the connection back."""
    excerpt = b""
    try:
        while data := response.raw.read(_READ, decode_content=False):
            excerpt += data[: EXCERPT - len(excerpt)]
        if response.raw.length_remaining:  # older releases accept that
            left = response.raw.length_remaining
            raise TransferError("reset", f"the server cut its answer short by {left} bytes")
    except BaseException as error:
        response.raw.close()
        if isinstance(error, (TransferError, *ERRORS)):
            translated = failure(error)
            translated.code = response.status_code
            raise translated from error
        raise
    response.__dict__.update(_content=excerpt, _content_consumed=True)
    response.raw.release_conn()
