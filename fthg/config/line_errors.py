"""Finds what is wrong in one line of a text that is not YAML, and the line as it was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Optional

from .indents import misplaced
from .secret_texts import masked

_LONGEST = 1000  # characters of a line that is looked into: the patterns' time is not linear


class Finding(NamedTuple):
    """The cause of an error, and the line without it; None where that cannot be guessed."""

    line: int  # from 0
    column: int  # from 0
    reason: str
    repaired: Optional[str]


def in_line(lines: list[str], number: int) -> Optional[Finding]:
    """Return what is wrong in a line of a text that is not YAML; None if nothing is found."""
    if len(lines[number]) > _LONGEST:
        return None
    if found := misplaced(lines, number):
        return Finding(number, found.column, found.reason, found.repaired)
    for pattern, say in _CAUSES:
        match = pattern.search(lines[number])
        if match and not _COLLECTION.fullmatch(match["value"]):
            if unclosed := _UNCLOSED.match(match["value"]):
                reason = f"the {unclosed[0][0]} that opens here is not closed; look for its partner"
                return Finding(number, match.start("value"), reason, None)
            quoted, reason = _quote(match["value"]), say(match)
            start, end = match.span("value")
            repaired = lines[number][:start] + quoted + lines[number][end:]
            return Finding(number, start, reason, repaired)
    return _without_colon(lines, number) or _odd_blank(lines[number], number)


def _without_colon(lines: list[str], number: int) -> Optional[Finding]:
    match = _NO_COLON.match(lines[number])
    if match is None:
        return None
    if number and lines[number - 1].startswith(f"{match['indent']}- "):
        right = f"- {lines[number].strip()}"
        reason = f"a dash must stand before each item of a list: {masked(right)}"
    else:
        right = f"{match['key']}: {match['value']}"
        reason = f"a colon and a space must stand after the key: {masked(right)}"
    return Finding(number, match.start("key"), reason, match["indent"] + right)


def _odd_blank(line: str, number: int) -> Optional[Finding]:
    match = _ODD_BLANK.search(line)
    if match is None:
        return None
    reason = f"a blank that YAML does not know (U+{ord(match[0]):04X}); write a plain space"
    return Finding(number, match.start(), reason, _ODD_BLANK.sub(" ", line))


_NAMES = re.compile(r"(?:^[\s-]*|[{\[,]\s*)[\"']?([^\s:{\[,\"'-][^\s:{\[,\"']*)[\"']?\s*:")
_KEY = r"(?:(?P<key>[\w.-]+):\s+)"
_END = r"\s*(?:\s#.*)?$"

_UNCLOSED = re.compile(r"\{\s*(?:[\w.-]+:\s[^}]*)?$|\[[^\]]*$")
_KNOWN = r"\\(?:[0abt\tnvfre \"/\\N_LP]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})"
_COLLECTION = re.compile(r"\{\s*[\w.-]+:\s.*\}.*|\[[^\]]*\]+")
_ESCAPE = re.compile(
    rf"(?:{_KEY}|[\[,-]\s*|^\s*)(?P<value>\"(?:[^\"\\]|{_KNOWN})*"
    rf"(?P<escape>(?!{_KNOWN})\\.)(?:[^\"\\]|\\.)*\")"
)
_DOUBLE_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
_OPEN = re.compile(rf"{_KEY}(?P<value>\"[^\"]*|'[^']*)$")
_AFTER_QUOTE = re.compile(
    rf"^\s*(?:- )?{_KEY}(?P<value>(?:\"[^\"]*\"|'[^']*')\s*[^\s#,:}}\]].*?){_END}"
)
_FLOW = re.compile(r"[{\[]")
_KEY_BELOW = re.compile(r"[\w.-]+:\s")
_ODD_BLANK = re.compile("[\xa0\u2007\u202f\u3000]")
_PLACEHOLDER = r"\{\w+\}"
_IN_FLOW = re.compile(
    rf"[{{,]\s*{_KEY}(?P<value>(?!{_PLACEHOLDER}\s*[,}}])"
    rf"(?:[^,{{}}\[\]\"'\s]|{_PLACEHOLDER}| +(?=[^\s,}}]))*{_PLACEHOLDER}"
    rf"(?:[^,{{}}\[\]\"'\s]|{_PLACEHOLDER}| +(?=[^\s,}}]))*)(?=\s*[,}}])"
)
_MARKED_IN_FLOW = re.compile(
    rf"^(?!\s*(?:- )?[\w.-]+:\s+[^\s{{\[])(?:.*?[{{\[,]\s*{_KEY}?|\s*(?P<first>))"
    r"(?P<value>[*&!%@`][^,{}\[\]\"']*[^,{}\[\]\"'\s])(?(first)(?=\s*[,\]]))"
)
_MARKED_AT_END = re.compile(
    rf"^\s*{_KEY}(?P<value>[*&!%@`][^,{{}}\[\]\"'\s]*)(?=\s*(?:,|[\]}}]+,?)\s*$)"
)  # in a mapping or a list of several lines
_UNQUOTED = re.compile(
    rf"^\s*(?:- )?{_KEY}(?P<value>[{{\[*&!|>%@`?-](?![^\"']*[\"'])[^\"']*?"
    rf"|[^\s\"'#&*!|>%@`{{\[][^\"':]*:(?:\s[^\"']*?)?){_END}"
)
_UNQUOTED_ITEM = re.compile(rf"^\s*- (?P<key>)(?P<value>[{{\[*&!|>%@`][^\"':]*?){_END}")
_WHOLE = re.compile(rf"^\s*(?:- )?[\"']?[^\s:\"']+[\"']?:\s+(?P<value>\S.*?){_END}")
_NO_COLON = re.compile(r"^(?P<indent>\s*)(?P<key>[A-Za-z_][\w.-]*)(?:[:=]|\s*=\s*|\s+)"
                       r"(?P<value>[^\s=:\"'](?:[^:\"']|:(?=\S))*)$")  # fmt: skip


def _quote(value: str) -> str:
    quote, inner = value[:1], value[1:-1]
    if _DOUBLE_QUOTED.fullmatch(value):
        value = re.sub(r"\\([\\\"/])", r"\1", inner)
    elif quote in ("'", '"') and value[1:].endswith(quote) and inner.count(quote) == 1:
        value = inner
    elif quote in ("'", '"') and value.count(quote) == 1:  # it is not closed
        value = value[1:]
    return "'" + value.replace("'", "''") + "'"


def _shown(match: re.Match[str]) -> str:
    key = match["key"]
    return (f"{key}: " if key else "") + _quote(masked(match["value"]))


def _say_quotes(match: re.Match[str]) -> str:
    below = ""
    if _KEY_BELOW.match(match["value"]):
        below = ", or on a line of its own, further indented, if it is a key and its value"
    return f"this value must stand between single quotes{below}: {_shown(match)}"


def _say_escape(match: re.Match[str]) -> str:
    what = masked(match["escape"])
    return f"{what} is no escape that double quotes know; use single quotes: {_shown(match)}"


def _say_open(match: re.Match[str]) -> str:
    key, value = match["key"], masked(match["value"])
    if _FLOW.search(match.string, 0, match.start()):  # the quote's end may be before a bracket
        return "the quote that opens here is never closed"
    return f"the quote that opens here is never closed: {key}: {value}{value[0]}"


_CAUSES = (
    (_ESCAPE, _say_escape),
    (_IN_FLOW, _say_quotes),
    (_MARKED_IN_FLOW, _say_quotes),
    (_MARKED_AT_END, _say_quotes),
    (_AFTER_QUOTE, _say_quotes),
    (_UNQUOTED, _say_quotes),
    (_UNQUOTED_ITEM, _say_quotes),
    (_OPEN, _say_open),
)
"""What can be wrong in a line, with the reason; the value is put between single quotes."""


def quoted_whole(line: str) -> Optional[str]:
    """Return a line with its value between single quotes; None if it has no key and value."""
    match = _WHOLE.match(line) if len(line) <= _LONGEST else None
    if not match:
        return None
    start, end = match.span("value")
    return line[:start] + _quote(match["value"]) + line[end:]


def keys_in(line: str) -> Sequence[str]:
    """Return what may be the keys in a line."""
    return _NAMES.findall(line)


def opens_quote(line: str) -> bool:
    """Return whether a quote opens in a line that does not close in it."""
    return _OPEN.search(line) is not None
