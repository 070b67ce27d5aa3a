"""Parses the challenges with which a server asks for credentials (RFC 9110, section 11.6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = rf'({_WORD})[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^\s,"]*)'
_PART = re.compile(
    rf"[\s,]*(?:{_PARAMETER}|({_WORD})(?:[ \t]+[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$)))?(?=[\s,]|$))",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LONGEST = 16 * 1024
_MOST_PARTS = 100  # of one header: some 0.3 ms
_MOST_HEADERS = 10


class Challenge(NamedTuple):
    """A scheme, in lower case, with its parameters, whose names are in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(values: Iterable[str]) -> Sequence[Challenge]:
    """Return the challenges of some headers, each of which may hold several.

    What is malformed ends its header.
    """
    first = islice(values, _MOST_HEADERS)
    return [challenge for value in first for challenge in _parse(value[:_LONGEST])]


def _parse(value: str) -> Iterable[Challenge]:
    found: list[tuple[str, dict[str, str]]] = []
    at = 0
    for _ in range(_MOST_PARTS):
        match = _PART.match(value, at)
        if match is None:
            break
        at = match.end()
        name, text, scheme = match.groups()
        if scheme:
            found.append((scheme.lower(), {}))
        elif found:
            found[-1][1].setdefault(name.lower(), unquoted(text))
    return [Challenge(*each) for each in found]


def parse_parameters(value: str) -> Mapping[str, str]:
    """Return the parameters of a header that names no scheme, as Authentication-Info."""
    _scheme, parameters = next(iter(_parse(f"none {value}")), ("", {}))
    return parameters


def unquoted(text: str) -> str:
    """Return a word, or what stands between quotes."""
    return _ESCAPED.sub(r"\1", text[1:-1]) if text.startswith('"') else text


def quoted(text: str) -> str:
    """Return a text between quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
