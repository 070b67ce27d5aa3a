"""Text as roff wants it, and the few shapes our pages are made of."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

_SIGNS = {"\\": "\\e", "-": "\\-", "…": "...", "–": "\\(en", "’": "\\(cq", "≥": "\\(>="}
_SENTENCE = re.compile(r"(?<=[.?]) (?=[A-Z\\])")


def escaped(text: str) -> str:
    """The text as it is to be read: nothing in it is a request or an escape."""
    return guarded("".join(_SIGNS.get(sign, sign) for sign in text))


def guarded(line: str) -> str:
    """A line that is text, even if it begins as a request does."""
    return f"\\&{line}" if line.startswith((".", "'")) else line


def bold(text: str) -> str:
    """What is to be typed as it stands."""
    return f"\\fB{escaped(text)}\\fR"


def italic(text: str) -> str:
    """What stands for something else."""
    return f"\\fI{escaped(text)}\\fR"


def filled(text: str) -> Iterator[str]:
    """Lines for a text that is already in roff: each sentence on lines of its own, none long."""
    for sentence in _SENTENCE.split(" ".join(text.split())):
        lines = textwrap.wrap(sentence, 78, break_long_words=False, break_on_hyphens=False)
        yield from map(guarded, lines)


def paragraph(text: str) -> Iterator[str]:
    """Lines for a text as people write it."""
    return filled(escaped(text))


def tagged(tag: str, *body: Iterable[str]) -> Iterator[str]:
    """An entry of a list: its tag, already in roff, and what hangs below it."""
    yield ".TP"
    yield tag
    for number, lines in enumerate(body):
        if number:
            yield ".br"
        yield from lines
