"""Puts unexpected answers into words: the status, the headers that help, the text of the body."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

from ...config.secret_texts import masked_url
from .body_text import body_text
from .head import Fields

_LONGEST_VALUE = 300  # a longer one is not shown: a piece of it could hold a piece of a secret
_LONGEST_REASON = 100
_DECODED = 32 * 1024  # bytes that are decompressed; a small body can hold gigabytes
_MOST_CODINGS = 3  # a body may decompress into itself, and a head has place for thousands
_CONTAINER = zlib.MAX_WBITS | 32  # gzip or zlib, whichever it is
_COMPRESSED = "(compressed body)"

_HEADERS: Mapping[int, str] = {
    401: "WWW-Authenticate",
    405: "Allow",
    407: "Proxy-Authenticate",
}
"""Status → header that says what the server wants."""

_HINTS: Mapping[str, str] = {
    "No required SSL certificate was sent": "give `cert`",
    "The plain HTTP request was sent to HTTPS port": "try https://",
}
"""Words of a server → remedy."""


def status_detail(status: int, reason: str, fields: Fields, body: bytes, *, whole: bool) -> str:
    """Return the detail of an unexpected status: `503 Busy (Retry-After: 5): try again later`.

    `body` is as it was received; `whole` is False if it is only the beginning.
    """
    line = f"{status} {' '.join(reason[:_LONGEST_REASON].split())}".strip()
    notes = ", ".join(_notes(status, fields))
    text = _text(fields, body, known=(line, reason), whole=whole)
    hint = next((remedy for words, remedy in _HINTS.items() if words in f"{line} {text}"), "")
    if hint:
        notes = f"{notes}, {hint}" if notes else hint
    head = f"{line} ({notes})" if notes else line
    return f"{head}: {text}" if text else head


def _notes(status: int, fields: Fields) -> Iterator[str]:
    names = ["Location"] if 300 <= status < 400 else []
    if status in _HEADERS:
        names.append(_HEADERS[status])
    for name in (*names, "Retry-After"):
        value = fields.get(name.lower().encode(), b"")
        if len(value) > _LONGEST_VALUE:
            yield f"{name} of {len(value):,} bytes"
        elif value:
            yield f"{name}: {masked_url(' '.join(value.decode('utf-8', 'replace').split()))}"


def _text(fields: Fields, body: bytes, *, known: tuple[str, ...], whole: bool) -> str:
    codings = _codings(fields)
    if len(codings) > _MOST_CODINGS:
        return _COMPRESSED if body else ""
    for coding in reversed(codings):
        if not body:
            return ""
        body = _decompressed(coding, body)
        whole = whole and len(body) < _DECODED
    if codings and not body:
        return _COMPRESSED
    kind = fields.get(b"content-type", b"").decode("latin-1")
    return body_text(kind, body, known=known, whole=whole)


def _codings(fields: Fields) -> list[str]:
    """Return the compressions of the body in the order in which they were applied."""
    value = b",".join(fields.get(name, b"") for name in (b"content-encoding", b"transfer-encoding"))
    names = (name.strip().lower() for name in value.decode("latin-1").split(","))
    return [name for name in names if name not in ("", "identity", "chunked")]


def _decompressed(coding: str, data: bytes) -> bytes:
    """Return the beginning of the content, also of data that were cut; empty if it is unknown."""
    if coding not in ("gzip", "x-gzip", "deflate"):
        return b""
    try:
        return zlib.decompressobj(_CONTAINER).decompress(data, _DECODED)
    except zlib.error:
        pass
    try:  # some servers send `deflate` without its container
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, _DECODED)
    except zlib.error:
        return b""
