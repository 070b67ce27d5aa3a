"""Sends the requests of one job: over kept connections, by proxies, and where redirects lead."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Optional

import requests

from ...clock import Clock
from ...config.secret_names import is_secret_name
from ...config.secret_texts import masked_url
from ...errors import TransferError
from ...log import TRACE, Log
from ..dial import Dialer
from .answer import Answer
from .auth.credentials import Credentials
from .connection import HttpConnection
from .connector import Connector
from .idle_time import IdleTime
from .options import HttpOptions
from .outgoing import Request
from .pool import HttpPool
from .redirects import REDIRECTS_LIMIT, keeps_secrets, redirect_target
from .request import RequestTemplate, prepare, prepared_server
from .route import Route, Routes
from .sending import StaleConnectionError
from .verdict import answer_text

_log = Log("fthg.http")


class Client:
    """Sends files as requests and reads the answers to their ends."""

    def __init__(
        self,
        options: HttpOptions,
        session: requests.Session,
        dialer: Dialer,
        clock: Clock,
        credentials: Optional[Credentials] = None,
    ) -> None:
        """Raise StartError if certificates, keys or the proxy cannot be used.

        `credentials` are None where a fixed header, or none, authorizes the requests.
        """
        self._reuse = options.reuse
        self._follow = options.follow_redirects
        self._idle_time = IdleTime(options.idle_timeout)
        prepared = prepare(options, session)
        self._routes = Routes(options, session, clock)
        self._route = self._routes.find(prepared_server(options.server, prepared))
        self._pool = HttpPool(Connector(options, dialer, clock), options.connections, clock)
        self.template = RequestTemplate(options, prepared, self._route, clock.now)
        self._credentials = credentials

    def send(self, request: Request) -> Answer:
        """Send a request and return the answer that decides; raises TransferError."""
        with self._pool.slot(request.watch):
            answer = self._exchanging(authorized=True)(request, self._route)
            if self._follow:
                answer = self._follow_redirects(request, answer)
        request.watch.enter(None)
        return answer

    def close(self) -> None:
        """Close all connections; transfers under way fail."""
        self._pool.close()
        if self._credentials is not None:
            self._credentials.close()

    def _follow_redirects(self, request: Request, answer: Answer) -> Answer:
        """Send the request to where the answers lead, and return the first that leads nowhere."""
        route, target, trusted = self._route, request.target, True
        for _ in range(REDIRECTS_LIMIT):
            url = redirect_target(answer, _absolute(route, target))
            if url is None:
                return answer
            trusted = trusted and keeps_secrets(route.server, url)
            route = self._routes.find(url)
            _log.debug(
                "redirected", uuid=request.transfer.uuid, status=answer.status, to=url.server
            )
            self.template.redirect(request, url, route, same=trusted)
            target = request.target
            answer = self._exchanging(authorized=trusted)(request, route)
        if redirect_target(answer, _absolute(route, target)) is None:
            return answer
        reason = f"redirected more than {REDIRECTS_LIMIT} times"
        raise TransferError("status", reason, code=answer.status)

    def _exchanging(self, authorized: bool) -> Callable[[Request, Route], Answer]:
        """Return the function that sends a request by a route and returns its answer."""
        credentials = self._credentials
        if credentials is None or not authorized:
            return self._exchange
        return lambda request, route: credentials.exchange(
            request, partial(self._exchange, request, route)
        )

    def _exchange(self, request: Request, route: Route) -> Answer:
        """Return the answer, on another connection if a kept one was dead before all had left."""
        traced = _log.enabled(TRACE)
        while True:
            connection = self._pool.take(route, request.watch)
            try:
                if request.sign is not None:
                    request.authorize()
                if traced:
                    _trace_request(request)
                if route.proxy is None:
                    answer = connection.exchange(request)
                else:
                    answer = _exchange_by_proxy(connection, request, route)
                break
            except StaleConnectionError:
                self._pool.drop(connection)
                request.peer = request.delivery = None
            except BaseException:
                self._pool.drop(connection)
                raise
        if connection.reusable and self._reuse:
            self._pool.keep(route, connection, self._idle_time.after(answer))
        else:
            self._pool.drop(connection)
        if traced:
            _trace_answer(answer, request)
        if answer.status == 417 and request.expects:
            return self._exchange_without_expect(request, route)
        return answer

    def _exchange_without_expect(self, request: Request, route: Route) -> Answer:
        """Return the answer to the same request, sent to a server that refuses to be waited for."""
        _log.debug("sent again without Expect", uuid=request.transfer.uuid)
        request.restart_without_expect()
        return self._exchange(request, route)


def _exchange_by_proxy(connection: HttpConnection, request: Request, route: Route) -> Answer:
    """Return the answer to a request; a proxy that passes it on is named in errors."""
    proxy = route.forwarded
    try:
        answer = connection.exchange(request)
    except TransferError as error:
        if proxy:
            error.detail = f"through {proxy.name}: {error.detail}"
        raise
    if answer.status == 407 and proxy:
        raise proxy.fault(answer_text(answer), answer.status)
    return answer


def _trace_request(request: Request) -> None:
    _log.trace("request", uuid=request.transfer.uuid, head=masked_head(request.head))


def _trace_answer(answer: Answer, request: Request) -> None:
    head = b"".join(b"%b: %b\r\n" % each for each in answer.fields.items())
    uuid, status = request.transfer.uuid, answer.status
    _log.trace("response", uuid=uuid, status=status, head=masked_head(head))


def masked_head(head: bytes) -> str:
    """Return a head for the log: one line a header, without secrets."""
    lines = head.decode("utf-8", "backslashreplace").split("\r\n")
    return "\n".join(_masked_line(line) for line in lines if line)


def _masked_line(line: str) -> str:
    name, colon, _ = line.partition(":")
    return f"{name}{colon} ***" if is_secret_name(name) else masked_url(line)


def _absolute(route: Route, target: str) -> str:
    if not target.startswith("/"):  # it went to a proxy that forwards
        return target
    return f"{route.server.scheme}://{route.server.authority}{target}"
