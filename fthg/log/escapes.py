"""Escapes undone, with the place of every character: in URLs, forms, JSON, Python and HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

_HEX = "[0-9A-Fa-f]"
_TAIL = f"[89ABab]{_HEX}"  # of a character of several bytes in UTF-8, RFC 3629


class Escape:
    """One way to write characters by others; `mark` is in every text that uses it.

    `written` matches a character that is escaped, `cut` the first part of one at the end of a text.
    """

    def __init__(self, mark: str, written: str, cut: str, read: Callable[[str], str]) -> None:
        self._mark = mark
        self._written = re.compile(written)
        self._cut = re.compile(rf"(?:{cut})\Z")
        self._read = read

    def undo(self, text: str) -> str:
        """Return the text as it was before: the same text if nothing in it is escaped."""
        if self._mark not in text:
            return text
        return self._written.sub(lambda found: self._read(found[0]), text)

    def places(self, text: str) -> Sequence[int]:
        """Return where in the text each character of `undo` begins, and at last where it ends."""
        places: list[int] = []
        done = 0
        for found in self._written.finditer(text):
            places.extend(range(done, found.start()))
            places.extend([found.start()] * len(self._read(found[0])))
            done = found.end()
        places.extend(range(done, len(text) + 1))
        return places

    def uncut(self, text: str) -> str:
        """Return the text without the part of an escaped character that may be its end."""
        return self._cut.sub("", text)


def _bytes_pattern(sign: str) -> str:
    """Return a pattern of one character in UTF-8, or of any one byte, each written in hex."""
    tail = sign + _TAIL
    several = f"[CDcd]{_HEX}{tail}|[Ee]{_HEX}{tail}{tail}|[Ff][0-7]{tail}{tail}{tail}"
    return f"{sign}(?:{several}|{_HEX}{_HEX})"


def _read_bytes(written: str, sign: str) -> str:
    data = bytes.fromhex(written.replace(sign, ""))
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")  # an older server's, or a text of Python


def _read_percent(written: str) -> str:
    return " " if written == "+" else _read_bytes(written, "%")


_BACKSLASHED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _read_backslash(written: str) -> str:
    if written[1] == "x" and len(written) > 2:
        return _read_bytes(written, "\\x")
    if written[1] == "u" and len(written) > 2:
        units = bytes.fromhex(written.replace("\\u", ""))
        return units.decode("utf-16-be", "surrogatepass")
    return _BACKSLASHED.get(written[1], written[1])


_PERCENT, _BYTES = _bytes_pattern("%"), _bytes_pattern(r"\\x")
_UNIT = rf"\\u{_HEX}{{4}}"
_PAIR = rf"\\u[Dd][89ABab]{_HEX}{{2}}\\u[Dd][C-Fc-f]{_HEX}{{2}}"

ESCAPES: Sequence[Escape] = (
    Escape("%", _PERCENT, f"%{_HEX}?", _read_percent),  # RFC 3986
    Escape("+", rf"\+|{_PERCENT}", f"%{_HEX}?", _read_percent),  # forms
    Escape(  # RFC 8259, and Python's repr of texts and bytes
        "\\",
        rf"{_PAIR}|{_UNIT}|{_BYTES}|\\.",
        rf"\\(?:u{_HEX}{{0,3}}|x{_HEX}?)?",
        _read_backslash,
    ),
    Escape("&", r"&(?:#\d{1,8}|#[xX][0-9A-Fa-f]{1,6}|\w{2,31});", r"&#?\w{0,31}", html.unescape),
)
