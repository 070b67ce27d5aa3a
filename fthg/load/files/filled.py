"""Text whose placeholders are replaced for each transfer: read once, filled part by part."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from ...access import Step
from ...content import BLOCK, SMALL, Content
from ...placeholders import FROM_CONTENT, PLACEHOLDERS, SPECIAL, name_in

_SPECIAL = re.compile(SPECIAL.encode())
_KNOWN = PLACEHOLDERS.keys() - FROM_CONTENT
_MOST_NAMES = 1000  # of one section
_LONGEST = 60  # bytes of a token that an error shows


class Section(NamedTuple):
    """A part of a text, which is filled as a whole."""

    form: bytes  # with %b in place of each value
    names: Sequence[str]  # of the placeholders, in order
    literal: int  # bytes of all else
    counts: Sequence[tuple[str, int]]  # how often each name is there

    def size(self, values: Mapping[str, bytes]) -> int:
        """Return the bytes that it has with these values."""
        return self.literal + sum(count * len(values[name]) for name, count in self.counts)

    def fill(self, values: Mapping[str, bytes]) -> bytes:
        """Return it with these values."""
        return self.form % tuple([values[name] for name in self.names])


class PlaceError(ValueError):
    """An error in a text, with its line and column, from 1."""

    def __init__(self, data: bytes, at: int, reason: str) -> None:
        super().__init__(reason)
        self.line = data.count(b"\n", 0, at) + 1
        begin = data.rfind(b"\n", 0, at) + 1
        self.column = len(data[begin:at].decode("utf-8", "replace")) + 1


def sections_of(data: bytes, step: Step = lambda: None) -> list[Section]:
    """Read a text; raises PlaceError for what is no UTF-8, a placeholder that is unknown, a brace.

    Takes linear time, and makes steps meanwhile.
    """
    _check_encoding(data, step)
    sections = list[Section]()
    form, names, literal = list[bytes](), list[str](), 0
    for part, name in _parts(data):
        form.append(part.replace(b"%", b"%%"))
        literal += len(part)
        if name:
            form.append(b"%b")
            names.append(name)
        if literal >= SMALL or len(names) >= _MOST_NAMES:
            sections.append(_section(form, names, literal))
            form, names, literal = [], [], 0
            step()
    if form:
        sections.append(_section(form, names, literal))
    return sections


def _section(form: Sequence[bytes], names: Sequence[str], literal: int) -> Section:
    return Section(b"".join(form), tuple(names), literal, tuple(Counter(names).items()))


def _check_encoding(data: bytes, step: Step) -> None:
    decode = codecs.getincrementaldecoder("utf-8")().decode
    for begin in range(0, len(data) or 1, BLOCK):
        try:
            decode(data[begin : begin + BLOCK], final=begin + BLOCK >= len(data))
        except UnicodeDecodeError as error:
            # What it kept of the block before comes first in what it decodes.
            kept = len(error.object) - len(data[begin : begin + BLOCK])
            raise PlaceError(data, begin - kept + error.start, "no UTF-8 text") from None
        step()


def _parts(data: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield literal text of at most SMALL bytes, and the placeholder that follows it, if any."""
    end = 0
    for token in _SPECIAL.finditer(data):
        yield from _cut(data, end, token.start())
        name = _NAMES.get(token.group()) or _name(data, token)
        yield (b"", name) if name else (token.group()[:1], "")
        end = token.end()
    yield from _cut(data, end, len(data))


def _cut(data: bytes, begin: int, end: int) -> Iterator[tuple[bytes, str]]:
    for at in range(begin, end, SMALL):
        yield data[at : min(at + SMALL, end)], ""


_NAMES: Mapping[bytes, str] = {f"{{{name}}}".encode(): name for name in _KNOWN}


def _name(data: bytes, token: re.Match[bytes]) -> str:
    text = token.group()
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + b"\xe2\x80\xa6}"
    try:
        return name_in(text.decode("utf-8", "replace"), _KNOWN) or ""
    except ValueError as error:
        raise PlaceError(data, token.start(), str(error)) from None


class Filled(Content):
    """A text with the values of one transfer."""

    def __init__(self, sections: Sequence[Section], values: Mapping[str, bytes]) -> None:
        self._sections = sections
        self._values = values
        self._ends = list(accumulate(section.size(values) for section in sections))
        self._last = -1, b""  # the section that was filled last, and what it was filled to
        size = self._ends[-1] if self._ends else 0
        whole = b"".join([section.fill(values) for section in sections]) if size <= SMALL else None
        super().__init__(size, whole)

    def read_at_once(self, offset: int, most: int = BLOCK) -> bytes:
        """Return a block, in any thread."""
        parts, left = list[bytes](), min(most, self.size - offset)
        index = bisect_right(self._ends, offset)
        while left > 0:
            filled = self._filled(index)
            begin = offset - self._ends[index] + len(filled)
            part = filled[begin : begin + left]
            parts.append(part)
            offset, left, index = offset + len(part), left - len(part), index + 1
        return b"".join(parts)

    def _filled(self, index: int) -> bytes:
        if self._last[0] != index:
            self._last = index, self._sections[index].fill(self._values)
        return self._last[1]
