"""Makes requests: the parts that a job's transfers share are prepared once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Optional

import requests

from ... import __version__, urls
from ...content import BLOCK, Content
from ...errors import TransferError
from ...peer import Peer
from ...placeholders import FROM_CONTENT, Template
from ...transfer import Transfer
from ...urls import Url
from ..bandwidth import Budget
from ..content import with_content
from ..stopwatch import Now, Stopwatch
from ..tcp_info import Delivery
from .answer import EXCERPT, SEARCHED
from .authorization import Auth, Authorization
from .content_types import content_type
from .form import Form
from .options import HttpOptions
from .redirects import is_bound
from .route import Route
from .target import encode_literal, encode_value, target_template

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_DEFAULTS = {"user-agent": f"fthg/{__version__}", "accept": "*/*"}


Sign = Callable[["Request"], str]
"""Returns the value of Authorization for a request; raises TransferError (auth)."""


class Request:
    """The request of one transfer, and how much of it was handed to the kernel."""

    __slots__ = (
        "after",  # of the body, after the file
        "bare",  # the head before it was signed; None: it was not
        "before",  # of the body, before the file
        "budget",  # of the bytes of the body a second; None: no limit
        "content",
        "delivery",  # how far it had come when it failed
        "described",  # header lines that describe the body, with the blank line
        "head",  # request line and headers
        "kept",  # bytes of the answer's body
        "method",
        "peer",  # the connection that it was sent over
        "sign",  # makes the value of Authorization when it is about to be sent; None: nothing does
        "transfer",
        "watch",
        "written",  # bytes, of the head, too
    )

    def __init__(
        self,
        method: str,
        transfer: Transfer,
        content: Content,
        watch: Stopwatch,
        head: bytes,
        described: str = "",
        before: bytes = b"",
        after: bytes = b"",
        kept: int = EXCERPT,
    ) -> None:
        self.method = method
        self.transfer = transfer
        self.content = content
        self.watch = watch
        self.head = head
        self.described = described
        self.before = before
        self.after = after
        self.kept = kept
        self.budget: Optional[Budget] = None
        self.written = 0
        self.peer: Optional[Peer] = None
        self.delivery: Optional[Delivery] = None
        self.bare: Optional[bytes] = None
        self.sign: Optional[Sign] = None

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return len(self.before) + self.content.size + len(self.after)

    @property
    def whole(self) -> bool:
        """True once all of it was written."""
        return self.written == len(self.head) + self.length

    @property
    def body_written(self) -> int:
        """Bytes of the body that were written."""
        return max(0, self.written - len(self.head))

    @property
    def sent(self) -> int:
        """Bytes of the file that were written."""
        return min(max(0, self.body_written - len(self.before)), self.content.size)

    @property
    def target(self) -> str:
        """The target in its request line."""
        return self.head.split(b" ", 2)[1].decode("utf-8", "surrogateescape")

    def blocks(self, most: int) -> Iterator[bytes]:
        """Yield the body in blocks of at most so many bytes; raises TransferError (file)."""
        yield from _cut(self.before, most)
        yield from self.content.blocks(most)
        yield from _cut(self.after, most)

    def authorize(self) -> None:
        """Put the Authorization header into the head, in place of an earlier one."""
        if self.sign is not None:
            value = self.sign(self)
            self.bare = self.bare or self.head
            line = f"Authorization: {value}\r\n".encode("utf-8", "surrogateescape")
            self.head = b"".join((self.bare[:-2], line, b"\r\n"))

    def begin_again(self, head: Optional[bytes] = None) -> None:
        """Prepare to be sent again, to another server by another head: nothing is written yet."""
        self.head = head or self.bare or self.head
        self.bare = None
        self.written = 0
        self.peer = self.delivery = None


def prepare(options: HttpOptions, session: requests.Session) -> requests.PreparedRequest:
    """Return what requests makes of a job's URL and credentials, those of ~/.netrc included."""
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
        self._headers = _all_headers(options, prepared, route)
        self._has_type = any(name.lower() == "content-type" for name in self._headers)
        lines = "".join(f"{name}: {value.text}\r\n" for name, value in self._headers.items())
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
        described = "" if self._has_type else f"Content-Type: {kind}\r\n"
        length = len(before) + content.size + len(after)
        described = f"{described}Content-Length: {length}\r\n\r\n"
        head = (
            f"{self._begin}{self._target.render(transfer, encode_value)} HTTP/1.1\r\n"
            f"{self._lines.render(transfer, _header_value)}{described}"
        )
        request = Request(
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
        if self._limit_rate is not None:
            request.budget = Budget(self._limit_rate, BLOCK, self._now)
        return request

    def redirect(self, request: Request, url: Url, route: Route, *, same: bool) -> None:
        """Prepare a request to be sent to `url` again; unless it is the `same` host, no secrets."""
        root, authorization = _proxied(route)
        lines = [f"{self._method} {root}{_redirected_target(url)} HTTP/1.1\r\n"]
        for name, value in self._headers.items():
            if name.lower() == "host" and not same:
                lines.append(f"Host: {host_header(url)}\r\n")
            elif same or not is_bound(name):
                lines.append(f"{name}: {value.render(request.transfer, _header_value)}\r\n")
        if not same:
            request.sign = None
        head = "".join((*lines, authorization, request.described))
        request.begin_again(head.encode("utf-8", "surrogateescape"))


def _cut(data: bytes, most: int) -> Iterator[bytes]:
    return (data[at : at + most] for at in range(0, len(data), most))


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
) -> Mapping[str, Template]:
    """Return all headers but those that describe the body, in the order of sending."""
    named = {name.lower() for name in options.headers}
    own = {"Host": host_header(route.server)}
    own.update({name.title(): value for name, value in _DEFAULTS.items()})
    if not options.reuse:
        own["Connection"] = "close"
    if "Authorization" in prepared.headers:
        own["Authorization"] = prepared.headers["Authorization"]
    ours = {
        name: Template(_escaped(value)) for name, value in own.items() if name.lower() not in named
    }
    return {**ours, **options.headers}


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
