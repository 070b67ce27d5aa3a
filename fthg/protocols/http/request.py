"""Makes requests: the parts that a job's transfers share are prepared once."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping
from typing import Optional

import requests

from ... import __version__, urls
from ...errors import TransferError
from ...peer import Peer
from ...placeholders import Template
from ...transfer import Transfer
from ...urls import Url
from ..content import Content
from ..stopwatch import Stopwatch
from ..tcp_info import Delivery
from .authorization import Authorization
from .form import Form
from .options import HttpOptions
from .target import encode_value, target_template

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_DEFAULTS = {"user-agent": f"fthg/{__version__}", "accept": "*/*"}


class UploadRequest(requests.PreparedRequest):
    """The request of one transfer: the job's prepared request, and the transfer's own parts."""

    template: RequestTemplate
    transfer: Transfer
    watch: Stopwatch
    content: Content
    kind: Optional[str]  # the Content-Type, if the job's headers do not give it
    head: bytes  # request line and headers
    before: bytes  # of the body, before the file
    after: bytes  # of the body, after the file
    sent: int = 0  # bytes of the file that have left
    peer: Optional[Peer] = None  # of the connection that carried it
    delivery: Optional[Delivery] = None  # if that connection failed

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return len(self.before) + self.content.size + len(self.after)


class RequestTemplate:
    """The parts of a request that are the same for all transfers of a job."""

    def __init__(self, options: HttpOptions, session: requests.Session) -> None:
        server = options.server
        root = f"{server.scheme}://{server.authority}/"
        self.prepared = session.prepare_request(
            requests.Request(options.method, root, auth=_authorization(options))
        )
        self.server = _called(server, self.prepared.url or "")
        """The server that is called, its name in the form that DNS and TLS use."""
        self.reuse = options.reuse
        self._form = Form(options.body) if options.body is not None else None
        self._target = target_template(server.rest.partition("#")[0])
        self._types: dict[str, str] = {}
        self._headers = self._all_headers(options)
        self._has_type = any(name.lower() == "content-type" for name in self._headers)
        self._has_host = any(name.lower() == "host" for name in options.headers)
        lines = "".join(f"{name}: {value.text}\r\n" for name, value in self._headers.items())
        self._lines = Template(lines)

    def fill(self, transfer: Transfer, content: Content, watch: Stopwatch) -> UploadRequest:
        """Return the request for one transfer; raises TransferError (name)."""
        before, after, kind = b"", b"", self._content_type(transfer)
        if self._form is not None:
            before, after = self._form.before(transfer, kind), self._form.after
            kind = self._form.content_type
        described = "" if self._has_type else f"Content-Type: {kind}\r\n"
        length = len(before) + content.size + len(after)
        head = (
            f"{self.prepared.method} {self.target(transfer)} HTTP/1.1\r\n"
            f"{self._lines.render(transfer, _header_value)}"
            f"{described}Content-Length: {length}\r\n\r\n"
        )
        made = UploadRequest.__new__(UploadRequest)
        made.__dict__ = {
            **vars(self.prepared),
            "template": self,
            "transfer": transfer,
            "watch": watch,
            "content": content,
            "kind": None if self._has_type else kind,
            "head": head.encode("utf-8", "surrogateescape"),
            "before": before,
            "after": after,
        }
        return made

    def target(self, transfer: Transfer) -> str:
        """Return path and query, values percent-encoded as the bytes that they are."""
        return self._target.render(transfer, encode_value)

    def header_fields(self, request: UploadRequest) -> Mapping[str, bytes]:
        """Return the headers of a request, without Host unless the job gives its own."""
        rendered = {
            name: value.render(request.transfer, _header_value).encode("utf-8", "surrogateescape")
            for name, value in self._headers.items()
            if name.lower() != "host" or self._has_host
        }
        if request.kind:
            rendered["Content-Type"] = request.kind.encode()
        return {**rendered, "Content-Length": str(request.length).encode()}

    def _all_headers(self, options: HttpOptions) -> Mapping[str, Template]:
        """Return all headers but those that describe the body, in the order of sending."""
        named = {name.lower() for name in options.headers}
        own = {"Host": self.server.without_zone().authority}
        own.update({name.title(): value for name, value in _DEFAULTS.items()})
        if not options.reuse:
            own["Connection"] = "close"
        if "Authorization" in self.prepared.headers:
            own["Authorization"] = self.prepared.headers["Authorization"]
        ours = {name: _literal(value) for name, value in own.items() if name.lower() not in named}
        return {**ours, **options.headers}

    def _content_type(self, transfer: Transfer) -> str:
        dot = transfer.name.rfind(".")
        suffix = transfer.name[dot:] if dot >= 0 else ""
        known = self._types.get(suffix)
        if known is None:
            known = _guess_type(suffix)
            if len(self._types) < 1000:
                self._types[suffix] = known
        return known


def _called(server: Url, prepared: str) -> Url:
    """Return the server with the name that requests has encoded; it spoils zones (`%25be1`)."""
    return server if ":" in server.host else urls.parse(prepared)


def _authorization(options: HttpOptions) -> Optional[Authorization]:
    server = options.server
    if server.user is None:
        return options.auth
    return Authorization.basic(server.user, server.password or "")


def _header_value(value: str) -> str:
    if not value.isprintable() and _CONTROL.search(value):
        raise TransferError("name", f"{value!r} holds control characters: no header can carry it")
    return value


def _literal(text: str) -> Template:
    return Template(text.replace("{", "{{").replace("}", "}}"))


def _guess_type(suffix: str) -> str:
    kind, coding = mimetypes.guess_type("file" + suffix)
    if coding:
        kind = {"gzip": "application/gzip", "bzip2": "application/x-bzip2"}.get(coding)
    return kind or "application/octet-stream"
