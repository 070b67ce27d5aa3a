"""The long way: requests' own adapter, for proxies and redirects."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Optional
from weakref import WeakSet

import gevent
import requests
from gevent.local import local
from gevent.lock import BoundedSemaphore
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection

from ...errors import TransferError
from ..base import Options
from ..dial import Dialer
from ..stopwatch import Stopwatch
from . import tls
from .adapter import consumed
from .answer import EXCERPT
from .failures import ERRORS, failure
from .reader import Reader
from .request import Upload
from .stock_pools import connection_pools

_READ = 64 * 1024


class StockAdapter(HTTPAdapter):
    """Sends Uploads through urllib3; what comes back, and how it fails, is as on the short way."""

    def __init__(self, options: Options, dialer: Dialer, context: tls.Context) -> None:
        self._context = context
        self._dialer = dialer
        self._limit: float = options["connect_timeout"]
        self._current = local()  # the upload that this greenlet is busy with
        context.unnamed = lambda: str(self._current.host)
        self._slots = BoundedSemaphore(options["connections"])
        self._pools = connection_pools(self._dial, self._bounded)
        self._made: WeakSet[HTTPConnection] = WeakSet()
        self._proxy_hosts: set[tuple[str, int]] = set()
        super().__init__(pool_maxsize=options["connections"])

    def init_poolmanager(self, *args: Any, **settings: Any) -> None:
        """Give urllib3 our connections and our TLS settings."""
        super().init_poolmanager(*args, **settings, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **settings: Any) -> Any:
        """The same for connections through a proxy."""
        found = super().proxy_manager_for(proxy, **settings, ssl_context=self._context)
        found.pool_classes_by_scheme = self._pools
        self._proxy_hosts.add((found.proxy.host, found.proxy.port))
        return found

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave certificates to our context: requests would add those of certifi."""

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """Where newer releases put the same settings: leave only the server there."""
        server, _ = super().build_connection_pool_key_attributes(*args, **kwargs)
        return server, {}

    def send(
        self, request: requests.PreparedRequest, *_settings: Any, **more: Any
    ) -> requests.Response:
        """Send an upload, or what a redirect made of it; raises TransferError and ERRORS."""
        if isinstance(request, Upload):
            self._current.watch = request.watch
            _spell_out(request)
        watch: Stopwatch = self._current.watch
        if self._slots.locked():
            watch.enter("blocked")
        with self._slots:
            watch.enter("sending")
            response = super().send(request, stream=True, proxies=more["proxies"])
            watch.enter("receiving")
            _drain(response)
        watch.enter(None)
        return response

    def close(self) -> None:
        """Close all connections, also those in use: their transfers fail."""
        super().close()
        for connection in tuple(self._made):
            if connection.sock is not None:
                with suppress(OSError):  # who reads from it holds it open: wake them
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
            connection.close()

    def _dial(self, connection: HTTPConnection, then: str) -> socket.socket:
        host, port = connection._dns_host, connection.port
        self._made.add(connection)
        self._current.watch.enter("connecting")
        try:
            stream = self._current.stream = self._dialer.dial(host, port)
            return stream
        except TransferError as error:
            if (host, port) in self._proxy_hosts and error.kind != "descriptors":
                raise TransferError("proxy", f"the proxy: {error.detail}") from error
            raise
        finally:
            self._current.watch.enter(then)

    def _bounded(self, connect: Callable[[], None], host: str) -> None:
        self._current.host, self._current.stream = host, None
        limit = gevent.Timeout(self._limit)
        try:
            with limit:
                connect()
        except BaseException as error:
            _discard(self._current.stream)
            if error is not limit:
                raise
            reason = f"no finished handshake within connect_timeout ({self._limit:g}s)"
            raise TransferError("connect_timeout", f"{host}: {reason}") from error
        self._current.watch.enter("sending")


def _discard(stream: Optional[socket.socket]) -> None:
    """Close what a refused tunnel left: http.client may hold on to it with its half-read answer."""
    descriptor = -1 if stream is None else stream.detach()
    if descriptor >= 0:
        os.close(descriptor)


def _spell_out(upload: Upload) -> None:
    """Say all in the form that requests' own adapter reads."""
    upload.url = (upload.draft.prepared.url or "").rstrip("/") + upload.draft.target(
        upload.transfer
    )
    headers: Any = upload.draft.spelled(upload)  # as bytes: http.client takes text for Latin-1
    upload.headers = CaseInsensitiveDict(headers)
    upload.__dict__.update(body=Reader(upload), _body_position=0)


def _drain(response: requests.Response) -> None:
    excerpt = b""
    try:
        while data := response.raw.read(_READ, decode_content=False):
            excerpt += data[: EXCERPT - len(excerpt)]
        if response.raw.length_remaining:  # older releases do not mind
            left = response.raw.length_remaining
            raise TransferError("reset", f"the server cut its answer short by {left} bytes")
    except BaseException as error:
        response.raw.close()
        if isinstance(error, (TransferError, *ERRORS)):
            cut = failure(error)
            cut.code = response.status_code
            raise cut from error
        raise
    consumed(response, excerpt)
    response.raw.release_conn()
