"""Roff: escaped text, and the few elements that the pages consist of."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

_SIGNS = {"\\": "\\e", "-": "\\-", "…": "...", "–": "\\(en", "’": "\\(cq", "≥": "\\(>="}
_SENTENCE = re.compile(r"(?<=[.?]) (?=[A-Z\\])")


def escaped(text: str) -> str:
    """Return the text so that nothing in it is a request or an escape."""
    return guarded("".join(_SIGNS.get(sign, sign) for sign in text))


def guarded(line: str) -> str:
    """Return the line as text, even if it begins like a request."""
    return f"\\&{line}" if line.startswith((".", "'")) else line


def bold(text: str) -> str:
    """Return text in bold: literal input."""
    return f"\\fB{escaped(text)}\\fR"


def italic(text: str) -> str:
    """Return text in italics: a placeholder."""
    return f"\\fI{escaped(text)}\\fR"


def filled(text: str) -> Iterator[str]:
    """Yield lines of a text that is roff already: each sentence on its own lines, none long."""
    for sentence in _SENTENCE.split(" ".join(text.split())):
        lines = textwrap.wrap(sentence, 78, break_long_words=False, break_on_hyphens=False)
        yield from map(guarded, lines)


def paragraph(text: str) -> Iterator[str]:
    """Yield lines of a plain text."""
    return filled(escaped(text))


def tagged(tag: str, *body: Iterable[str]) -> Iterator[str]:
    """Yield an entry of a list: its tag, which is roff already, and the paragraphs below it."""
    yield ".TP"
    yield tag
    for number, lines in enumerate(body):
        if number:
            yield ".br"
        yield from lines
