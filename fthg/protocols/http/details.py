"""Describes unexpected answers: the status, the headers that help, the text of the body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...config.secret_texts import masked_url
from .body_text import body_text
from .codings import decoded
from .head import Fields

LONGEST_VALUE = 300
"""Characters of a value up to which it is shown: a piece could hold a piece of a secret."""

_LONGEST_REASON = 100
_DECODED = 32 * 1024  # bytes that are decompressed; a small body can hold gigabytes
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


def status_detail(
    status: int, reason: str, fields: Fields, body: bytes, *, whole: bool, hint: str = ""
) -> str:
    """Return the detail of an unexpected status: `503 Busy (Retry-After: 5): try again later`.

    `body` is as it was received; `whole` is False if it is only the beginning. `hint` is a remedy.
    """
    line = f"{status} {' '.join(reason[:_LONGEST_REASON].split())}".strip()
    notes = ", ".join(_notes(status, fields))
    text = body_words(fields, body, known=(line, reason), whole=whole)
    found = (remedy for words, remedy in _HINTS.items() if words in f"{line} {text}")
    hint = hint or next(found, "")
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
        if len(value) > LONGEST_VALUE:
            yield f"{name} of {len(value):,} bytes"
        elif value:
            yield f"{name}: {masked_url(' '.join(value.decode('utf-8', 'replace').split()))}"


def body_words(fields: Fields, body: bytes, *, whole: bool, known: tuple[str, ...] = ()) -> str:
    """Return the beginning of a body as text in one line; see body_text."""
    if not body:
        return ""
    content = decoded(fields, body, _DECODED)
    if content is None:
        return _COMPRESSED
    kind = fields.get(b"content-type", b"").decode("latin-1")
    return body_text(kind, content.data, known=known, whole=whole and content.whole)
