"""Makes requests: the parts that a job's transfers share are prepared once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Optional

import requests

from ... import __version__, urls
from ...content import BLOCK, Content
from ...errors import TransferError
from ...placeholders import FROM_CONTENT, Template
from ...transfer import Transfer
from ...urls import Url
from ..bandwidth import Budget
from ..files import with_content
from ..stopwatch import Now, Stopwatch
from .answer import EXCERPT, SEARCHED
from .auth.authorization import Auth, Authorization
from .content_types import content_type
from .form import Form
from .options import HttpOptions
from .outgoing import EXPECT, ChunkedRequest, Request
from .redirects import is_bound
from .route import Route
from .target import encode_literal, encode_value, target_template

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_DEFAULTS = {"user-agent": f"fthg/{__version__}", "accept": "*/*"}

_Header = tuple[str, Template]  # name and value


def prepare(options: HttpOptions, session: requests.Session) -> requests.PreparedRequest:
    """Return the request as the requests library prepares it, with credentials of ~/.netrc too."""
    server = options.server
    root = f"{server.scheme}://{server.authority}/"
    return session.prepare_request(
        requests.Request(options.method, root, auth=_authorization(options))
    )


class RequestTemplate:
    """The parts of a request that are the same for all transfers of a job."""

    def __init__(
        self, options: HttpOptions, prepared: requests.PreparedRequest, route: Route, now: Now
    ) -> None:
        self._kept = SEARCHED if options.expect_body is not None else EXCERPT
        self._limit_rate = options.limit_rate
        self._now = now
        self._method = prepared.method or ""
        self._content_type = options.content_type
        self._form = Form(options.body) if options.body is not None else None
        self._target = target_template(options.server.rest.partition("#")[0])
        self._chunked = options.chunked
        self._expects = options.expect_continue
        self._headers = _all_headers(options, prepared, route)
        self._has_type = any(name.lower() == "content-type" for name, _ in self._headers)
        lines = "".join(f"{name}: {value.text}\r\n" for name, value in self._headers)
        root, authorization = _proxied(route)
        self._begin = f"{self._method} {root}"
        self._lines = Template(lines + _escaped(authorization))
        named = self._lines.names | self._target.names
        self._shows_content = bool(
            FROM_CONTENT & (named | (self._form.names if self._form else set()))
        )

    def fill(self, transfer: Transfer, content: Content, watch: Stopwatch) -> Request:
        """Return the request for one transfer; raises TransferError: name, or file."""
        if self._shows_content:
            transfer = with_content(transfer, content)
        before, after = b"", b""
        kind = self._content_type or content_type(transfer.name)
        if self._form is not None:
            before, after = self._form.before(transfer, kind), self._form.after
            kind = self._form.content_type
        size = len(before) + content.size + len(after)
        described = self._describe(kind, size)
        head = (
            f"{self._begin}{self._target.render(transfer, encode_value)} HTTP/1.1\r\n"
            f"{self._lines.render(transfer, _header_value)}{described}"
        )
        request = (ChunkedRequest if self._chunked else Request)(
            self._method,
            transfer,
            content,
            watch,
            head.encode("utf-8", "surrogateescape"),
            described,
            before,
            after,
            self._kept,
        )
        request.expects = self._expects and size > 0
        if self._limit_rate is not None:
            request.limit(Budget(self._limit_rate, BLOCK, self._now))
        return request

    def _describe(self, kind: str, size: int) -> str:
        """Return the header lines for a body of this type and size, with the blank line."""
        first = "" if self._has_type else f"Content-Type: {kind}\r\n"
        if not (self._chunked or self._expects):
            return f"{first}Content-Length: {size}\r\n\r\n"
        framing = "Transfer-Encoding: chunked" if self._chunked else f"Content-Length: {size}"
        # There is nothing to wait for if there is no body (RFC 9110, section 10.1.1).
        expect = EXPECT if self._expects and size else ""
        return f"{first}{framing}\r\n{expect}\r\n"

    def redirect(self, request: Request, url: Url, route: Route, *, same: bool) -> None:
        """Prepare a request to be sent to `url` again; unless it is the `same` host, no secrets."""
        root, authorization = _proxied(route)
        lines = [f"{self._method} {root}{_redirected_target(url)} HTTP/1.1\r\n"]
        for name, value in self._headers:
            if name.lower() == "host" and not same:
                lines.append(f"Host: {host_header(url)}\r\n")
            elif same or not is_bound(name):
                lines.append(f"{name}: {value.render(request.transfer, _header_value)}\r\n")
        if not same:
            request.sign = None
        head = "".join((*lines, authorization, request.described))
        request.restart(head.encode("utf-8", "surrogateescape"))


def host_header(server: Url) -> str:
    """Return the value of the Host header, without the zone of an IPv6 address: it is local."""
    return server.without_zone().authority


def _proxied(route: Route) -> tuple[str, str]:
    """Return what stands before the target, and the header line for a proxy that forwards."""
    if route.forwarded is None:
        return "", ""
    return f"http://{host_header(route.server)}", route.forwarded.authorization


def _redirected_target(url: Url) -> str:
    target = encode_literal(url.rest.partition("#")[0])
    return target if target.startswith("/") else f"/{target}"


def _all_headers(
    options: HttpOptions, prepared: requests.PreparedRequest, route: Route
) -> Sequence[_Header]:
    """Return all headers but those that describe the body, in the order of sending."""
    named = {name.lower() for name in options.headers}
    own = {"Host": host_header(route.server)}
    own.update({name.title(): value for name, value in _DEFAULTS.items()})
    if not options.reuse:
        own["Connection"] = "close"
    if "Authorization" in prepared.headers:
        own["Authorization"] = prepared.headers["Authorization"]
    ours = [
        (name, Template(_escaped(value)))
        for name, value in own.items()
        if name.lower() not in named
    ]
    given = [(name, value) for name, lines in options.headers.items() for value in lines]
    return [*ours, *given]


def prepared_server(server: Url, prepared: requests.PreparedRequest) -> Url:
    """Return the server that is called, its name in the form that DNS and TLS use."""
    return server if ":" in server.host else urls.parse(prepared.url or "")


def _authorization(options: HttpOptions) -> Optional[Auth]:
    server = options.server
    if server.user is None:
        return options.auth
    return Authorization.basic(server.user, server.password or "")


def _header_value(value: str) -> str:
    if not value.isprintable() and _CONTROL.search(value):
        raise TransferError("name", f"{value!r} holds control characters: no header can carry it")
    return value


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
