"""Requests: what all of a job have in common is prepared once, each transfer fills in its own."""

from __future__ import annotations

import mimetypes
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import NamedTuple, Optional
from urllib.parse import quote, unquote, urlsplit

import requests
from requests.auth import AuthBase

from ... import __version__
from ...errors import TransferError
from ...placeholders import Template
from ...transfer import Transfer
from ..base import Options
from ..content import Content
from ..stopwatch import Stopwatch
from .form import Form, Multipart

_URL = re.compile(r"(https?)://(?:([^/?#]*)@)?([^/?#@]*)([^#]*)", re.IGNORECASE)
_BRACES = re.compile(r"\{\{|\}\}|\{[^{}]*\}")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_URL_LITERAL = "!$%&'()*+,/:;=?@[]~"
_DEFAULTS = {"user-agent": f"fthg/{__version__}", "accept": "*/*"}


class Place(NamedTuple):
    """Where a URL leads: the server, who calls, and what is asked for there."""

    scheme: str
    user_info: Optional[str]
    authority: str  # host, and port where there is one
    target: str  # path and query, with placeholders

    @property
    def root(self) -> str:
        """The URL without path and without secrets."""
        return f"{self.scheme}://{self.authority}/"


def place(url: str) -> Place:
    """Take a URL with placeholders apart; raises ValueError."""
    match = _URL.fullmatch(url.strip().split("#")[0])
    if match is None or not match.group(3):
        raise ValueError("a URL looks like https://server.example.com/upload/{filename}")
    scheme, user_info, authority, target = match.groups()
    if _BRACES.search(authority) or _BRACES.search(user_info or ""):
        raise ValueError("placeholders may stand in the path and the query, not in the server")
    if not urlsplit(f"//{authority}").hostname or urlsplit(f"//{authority}").port == 0:
        raise ValueError(f"{authority!r} is not a server")
    return Place(scheme.lower(), user_info, authority, target)


class Authorization(AuthBase):
    """A ready value of the Authorization header; its secret is in no representation."""

    def __init__(self, value: str, secret: str) -> None:
        self.value = value
        self.secrets = (secret, value.rsplit(maxsplit=1)[-1])  # for outputs to mask

    @classmethod
    def basic(cls, user: str, password: str) -> Authorization:
        """User and password (RFC 7617, UTF-8)."""
        pair = f"{user}:{password}".encode("utf-8", "surrogateescape")
        return cls("Basic " + b64encode(pair).decode(), password)

    @classmethod
    def bearer(cls, token: str) -> Authorization:
        """A token (RFC 6750)."""
        return cls(f"Bearer {token}", token)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the header, as requests wants it done."""
        request.headers["Authorization"] = self.value
        return request

    def __repr__(self) -> str:
        return "Authorization(***)"


class Upload(requests.PreparedRequest):
    """The request of one transfer: the job's prepared one, and what is its own."""

    draft: Draft
    transfer: Transfer
    watch: Stopwatch
    content: Content
    kind: Optional[str]  # the Content-Type, if the job's headers do not give it
    head: bytes  # request line and headers
    before: bytes  # of the body, before the file
    after: bytes  # and after it
    sent: int = 0  # bytes of the file that have left

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return len(self.before) + self.content.size + len(self.after)


class Draft:
    """The request that all transfers of a job share, as far as it is the same for them."""

    def __init__(self, options: Options, session: requests.Session) -> None:
        where = place(options["url"].text)
        self.prepared = session.prepare_request(
            requests.Request(options["method"], where.root, auth=_authorization(options, where))
        )
        multipart = options["body"]
        self._form = Form(multipart) if isinstance(multipart, Multipart) else None
        self._target = _target(where.target)
        self._types: dict[str, str] = {}
        self.headers = self._headers(options)
        self._typed = any(name.lower() == "content-type" for name in self.headers)
        self._hosted = any(name.lower() == "host" for name in options["headers"])
        self.reuse: bool = options["reuse"]
        lines = "".join(f"{name}: {value.text}\r\n" for name, value in self.headers.items())
        self._lines = Template(lines)

    def upload(self, transfer: Transfer, content: Content, watch: Stopwatch) -> Upload:
        """The request for one transfer; raises TransferError (name)."""
        before, after, kind = b"", b"", self._content_type(transfer)
        if self._form is not None:
            before, after = self._form.before(transfer, kind), self._form.after
            kind = self._form.content_type
        described = "" if self._typed else f"Content-Type: {kind}\r\n"
        length = len(before) + content.size + len(after)
        head = (
            f"{self.prepared.method} {self.target(transfer)} HTTP/1.1\r\n"
            f"{self._lines.render(transfer, _header_value)}"
            f"{described}Content-Length: {length}\r\n\r\n"
        )
        made = Upload.__new__(Upload)
        made.__dict__ = {
            **vars(self.prepared),
            "draft": self,
            "transfer": transfer,
            "watch": watch,
            "content": content,
            "kind": None if self._typed else kind,
            "head": head.encode("utf-8", "surrogateescape"),
            "before": before,
            "after": after,
        }
        return made

    def target(self, transfer: Transfer) -> str:
        """Path and query, values percent-encoded as the bytes that they are."""
        return self._target.render(transfer, _url_value)

    def spelled(self, upload: Upload) -> Mapping[str, bytes]:
        """The headers of an upload one by one, without Host unless the job gives its own."""
        rendered = {
            name: value.render(upload.transfer, _header_value).encode("utf-8", "surrogateescape")
            for name, value in self.headers.items()
            if name.lower() != "host" or self._hosted
        }
        if upload.kind:
            rendered["Content-Type"] = upload.kind.encode()
        return {**rendered, "Content-Length": str(upload.length).encode()}

    def _headers(self, options: Options) -> Mapping[str, Template]:
        """All headers but those that describe the body, in the order in which they are sent."""
        given: Mapping[str, Template] = options["headers"]
        named = {name.lower() for name in given}
        own = {"Host": _host(self.prepared.url or "")}
        own.update({name.title(): value for name, value in _DEFAULTS.items()})
        if not options["reuse"]:
            own["Connection"] = "close"
        if "Authorization" in self.prepared.headers:
            own["Authorization"] = self.prepared.headers["Authorization"]
        kept = {name: _literal(value) for name, value in own.items() if name.lower() not in named}
        return {**kept, **given}

    def _content_type(self, transfer: Transfer) -> str:
        dot = transfer.name.rfind(".")
        suffix = transfer.name[dot:] if dot >= 0 else ""
        known = self._types.get(suffix)
        if known is None:
            known = _guess(suffix)
            if len(self._types) < 1000:
                self._types[suffix] = known
        return known


def _authorization(options: Options, where: Place) -> Optional[Authorization]:
    if where.user_info is None:
        given: Optional[Authorization] = options.get("auth")
        return given
    user, _, password = where.user_info.partition(":")
    return Authorization.basic(unquote(user), unquote(password))


def _host(url: str) -> str:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}[parts.scheme]
    return re.sub(r":\d*$", "", parts.netloc) if parts.port in (None, default) else parts.netloc


def _target(text: str) -> Template:
    """The target's own text percent-encoded where it must be, its placeholders left alone."""
    parts: list[str] = []
    end = 0
    for token in _BRACES.finditer(text):
        parts.append(_url_literal(text[end : token.start()]))
        brace = {"{{": "%7B", "}}": "%7D"}
        parts.append(brace.get(token.group(), token.group()))
        end = token.end()
    parts.append(_url_literal(text[end:]))
    target = "".join(parts)
    return Template(target if target.startswith("/") else "/" + target)


def _url_literal(text: str) -> str:
    # A percent sign that begins no code stands for itself.
    text = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return quote(text.encode("utf-8", "surrogateescape"), safe=_URL_LITERAL)


def _url_value(value: str) -> str:
    return quote(value.encode("utf-8", "surrogateescape"), safe="/~")


def _header_value(value: str) -> str:
    if not value.isprintable() and _CONTROL.search(value):
        raise TransferError("name", f"{value!r} holds control characters: no header can carry it")
    return value


def _literal(text: str) -> Template:
    return Template(text.replace("{", "{{").replace("}", "}}"))


def _guess(suffix: str) -> str:
    kind, coding = mimetypes.guess_type("file" + suffix)
    if coding:
        kind = {"gzip": "application/gzip", "bzip2": "application/x-bzip2"}.get(coding)
    return kind or "application/octet-stream"
