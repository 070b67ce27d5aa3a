"""Masking of secrets, in every form in which a library or a server may have written them."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from .escapes import ESCAPES

MASK = "***"

_LONG = 180  # from this many characters on, a server's message may have been cut off
_LONGEST = 256  # more than is kept of a server's message
_SHORT = 4  # a shorter secret is masked as a whole word only: "a" is in most texts
_MANY = 200  # forms from which it is faster to look at each piece of a text
_DEPTH = 2  # escapes within escapes: a URL in JSON, for instance


class _Span(NamedTuple):
    """A part of a text."""

    start: int
    end: int


class Masks:
    """A function that replaces secrets by `***`: plain, escaped in any usual way, or in base64."""

    def __init__(self, secrets: Collection[str]) -> None:
        known = {form for secret in secrets if secret.strip() for form in (secret, secret.strip())}
        self._forms = {form for secret in known if len(secret) >= _SHORT for form in _forms(secret)}
        self._by_beginning: dict[str, list[str]] = {}
        for form in self._forms:
            self._by_beginning.setdefault(form[:_SHORT], []).append(form)
        short = sorted(secret for secret in known if len(secret) < _SHORT)
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
        pieces, done = [], 0
        for start, end in _merged(self._spans(text, _DEPTH, set())):
            pieces += [text[done:start], MASK]
            done = end
        return "".join(pieces) + text[done:] if done else text

    def excerpt(self, text: str) -> str:
        """Return a text that may have been cut off, without secrets or the first part of one."""
        text = self(text)
        if len(text) < _LONG and not text.endswith("…"):
            return text
        end = text.rstrip("…'\"")
        start = self._cut_off(end, _DEPTH)
        return text if start == len(end) else end[:start] + MASK

    def _spans(self, text: str, depth: int, seen: set[str]) -> Iterator[_Span]:
        """Yield where in the text secrets are, as they are or escaped up to `depth` times.

        A text that is in `seen` was searched already.
        """
        seen.add(text)
        yield from self._plain_spans(text)
        for escape in ESCAPES if depth else ():
            inner = escape.undo(text)
            if inner not in seen and (spans := list(self._spans(inner, depth - 1, seen))):
                places = escape.places(text)
                yield from (_Span(places[start], places[end]) for start, end in spans)

    def _plain_spans(self, text: str) -> Iterator[_Span]:
        for form in self._forms_in(text):
            start = text.find(form)
            while start >= 0:
                yield _Span(start, start + len(form))
                start = text.find(form, start + 1)
        if self._words:
            yield from (_Span(*found.span()) for found in self._words.finditer(text))

    def _forms_in(self, text: str) -> Sequence[str]:
        if len(self._forms) < _MANY:
            return [form for form in self._forms if form in text]
        beginnings = {text[at : at + _SHORT] for at in range(len(text) - _SHORT + 1)}
        found = beginnings & self._by_beginning.keys()
        return [form for part in found for form in self._by_beginning[part] if form in text]

    def _cut_off(self, text: str, depth: int) -> int:
        """Return where the first part of a secret begins that ends the text, or its length."""
        first = len(text)
        for length in range(min(self._longest, len(text)), _SHORT - 1, -1):
            if text[-length:] in self._prefixes:
                first = len(text) - length
                break
        for escape in ESCAPES if depth else ():
            inner = escape.undo(escape.uncut(text))
            if inner != text and (start := self._cut_off(inner, depth - 1)) < len(inner):
                first = min(first, escape.places(text)[start])
        return first


def _merged(spans: Iterator[_Span]) -> Iterator[_Span]:
    """Yield spans in their order, overlapping ones as one."""
    last = _Span(0, 0)
    for span in sorted(spans):
        if span.start < last.end:
            last = _Span(last.start, max(last.end, span.end))
        else:
            if last.end:
                yield last
            last = span
    if last.end:
        yield last


def _forms(secret: str) -> Iterator[str]:
    yield secret
    words = " ".join(secret.split())
    if len(words) >= _SHORT:
        yield words
    data = secret.encode("utf-8", "surrogateescape")
    yield data.decode("latin-1")
    yield from _base64_forms(data)
    with suppress(UnicodeEncodeError):
        yield from _base64_forms(secret.encode("latin-1"))


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
