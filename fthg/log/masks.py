"""Masking of secrets, in every form in which a library or a server may have written them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import starmap
from typing import NamedTuple

from .escapes import ESCAPES
from .forms import Forms
from .learned import LEARNED, Learned

MASK = "***"

_LONG = 180  # from this many characters on, a server's message may have been cut off
_DEPTH = 2  # escapes within escapes: a URL in JSON, for instance


class _Span(NamedTuple):
    """A part of a text."""

    start: int
    end: int


class Masks:
    """A function that replaces secrets by `***`: plain, escaped in any usual way, or in base64.

    It knows those that it is given, and those that are learned later.
    """

    def __init__(self, secrets: Collection[str], learned: Learned = LEARNED) -> None:
        self._all_forms = Forms(set(secrets)), learned.forms

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        found = list(self._spans(text, _DEPTH, {}))
        if not found:  # as in nearly all texts
            return text
        pieces, done = [], 0
        for start, end in _merged(found):
            pieces += [text[done:start], MASK]
            done = end
        return "".join(pieces) + text[done:]

    def excerpt(self, text: str) -> str:
        """Return a text that may have been cut off, without secrets or the first part of one.

        A `…` in it stands where a part of it, such as a server's words, was cut off.
        """
        text = self(text)
        end = text.rstrip("…'\"")
        *cut, last = end.split("…")
        is_cut = len(text) >= _LONG or text.endswith("…")
        shown = self._without_beginning(last) if is_cut else last
        tail = text[len(end) :] if shown == last else ""
        return "…".join([*map(self._without_beginning, cut), shown]) + tail

    def _without_beginning(self, text: str) -> str:
        """Return a text without the first part of a secret at its end."""
        start = self._cut_off(text, _DEPTH)
        return text if start == len(text) else text[:start] + MASK

    def _spans(self, text: str, depth: int, seen: dict[str, int]) -> Iterator[_Span]:
        """Yield where in the text secrets are, as they are or escaped up to `depth` times.

        `seen` has the texts that were searched already, and to which depth.
        """
        seen[text] = depth
        for forms in self._all_forms:
            yield from starmap(_Span, forms.found_in(text))
        for escape in ESCAPES if depth else ():
            inner = escape.undo(text)
            if seen.get(inner, -1) < depth - 1 and (
                spans := list(self._spans(inner, depth - 1, seen))
            ):
                places = escape.places(text)
                yield from (_Span(places[start], places[end]) for start, end in spans)

    def _cut_off(self, text: str, depth: int) -> int:
        """Return where the first part of a secret begins that ends the text, or its length."""
        first = min(forms.cut_off(text) for forms in self._all_forms)
        for escape in ESCAPES if depth else ():
            inner = escape.undo(escape.uncut(text))
            if inner != text and (start := self._cut_off(inner, depth - 1)) < len(inner):
                first = min(first, escape.places(text)[start])
        return first


def _merged(spans: Iterable[_Span]) -> Iterator[_Span]:
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
