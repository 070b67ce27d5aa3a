"""Masking of secrets, in every form in which a library may have written them."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Collection, Iterator
from urllib.parse import quote, quote_plus

MASK = "***"

_LONG = 180  # from this many characters on, a server's message may have been cut off
_LONGEST = 256  # more than is kept of a server's message
_SHORT = 4  # a shorter secret is masked as a whole word only: "a" is in most texts


class Masks:
    """A function that replaces secrets by `***`: plain, escaped, URL-encoded or in base64."""

    def __init__(self, secrets: Collection[str]) -> None:
        known = {form for secret in secrets for form in (secret, secret.strip()) if form}
        long = {form for secret in known if len(secret) >= _SHORT for form in _forms(secret)}
        short = sorted(secret for secret in known if len(secret) < _SHORT)
        self._forms = sorted(long, key=len, reverse=True)
        words = "|".join(map(re.escape, short))
        self._words = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if short else None
        self._prefixes = {
            form[:length]
            for form in self._forms
            for length in range(_SHORT, min(len(form), _LONGEST))
        }
        self._longest = max(map(len, self._prefixes), default=0)

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return self._words.sub(MASK, text) if self._words else text

    def excerpt(self, text: str) -> str:
        """Return a text that may have been cut off, without secrets or the first part of one."""
        text = self(text)
        if len(text) < _LONG and not text.endswith("…"):
            return text
        end = text.rstrip("…'\"")
        for length in range(min(self._longest, len(end)), _SHORT - 1, -1):
            if end[-length:] in self._prefixes:
                return end[:-length] + MASK
        return text


def _forms(secret: str) -> Iterator[str]:
    yield secret
    words = " ".join(secret.split())
    if len(words) >= _SHORT:
        yield words
    data = secret.encode("utf-8", "surrogateescape")
    for quoted in (quote(data, safe=""), quote(data), quote_plus(data)):
        yield quoted
        yield re.sub(r"%..", lambda code: code.group().lower(), quoted)
    yield quote(data, safe="-_.!~*'()")  # encodeURIComponent of ECMAScript
    yield quote_plus(data, safe="*").replace("~", "%7E")  # URLEncoder of Java
    yield from _json_forms(secret)
    yield from _html_forms(secret)
    yield repr(secret)[1:-1]
    yield repr(data)[2:-1]
    yield from _base64_forms(data)


def _json_forms(secret: str) -> Iterator[str]:
    """Yield a secret as common encoders of JSON write it: those of Python, PHP and Go."""
    for text in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        yield text
        yield text.replace("/", "\\/")
        yield re.sub("[<>&]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _html_forms(secret: str) -> Iterator[str]:
    """Yield a secret as it is written in HTML and XML, quotation marks in each usual way."""
    text = html.escape(secret, quote=False)
    yield text
    for double in ("&quot;", "&#34;"):
        for single in ("'", "&#x27;", "&#39;", "&apos;"):
            yield text.replace('"', double).replace("'", single)
    yield html.escape(secret).encode("ascii", "xmlcharrefreplace").decode()


def _base64_forms(data: bytes) -> Iterator[str]:
    # "Authorization: Basic" encodes user and password as one text: the same bytes look different at
    # each of three offsets, and the characters at both ends depend on the neighbours as well.
    for offset in range(3):
        padded = bytes(offset) + data
        text = base64.b64encode(padded).decode()
        inner = text[(offset * 8 + 5) // 6 : len(padded) * 8 // 6]
        if len(inner) >= _SHORT:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")  # RFC 4648, section 5
