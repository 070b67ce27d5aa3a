"""Finds a line of YAML whose indent fits none of the keys above it."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple, Optional

from .secret_names import is_secret_name

_LINE = re.compile(r"(?P<indent> *)(?P<item>(?:- +)*)(?P<key>[\w.-]+):(?P<value>\s.*|)$")


class Misplaced(NamedTuple):
    """A line with a wrong indent."""

    column: int  # from 0
    reason: str
    repaired: str  # with the nearest indent that fits


class _Above(NamedTuple):
    indent: int
    line: int  # from 0
    key: str
    has_value: bool


def misplaced(lines: list[str], number: int) -> Optional[Misplaced]:
    """Return what is wrong with the indent of a line, if it is; lines count from 0."""
    match = _LINE.match(lines[number])
    above = _open_keys(lines[:number])
    if not match or not above:
        return None
    indent, last = len(match["indent"]), above[-1]
    if _opens_flow(lines[last.line : number]):
        return None
    fits = any(one.indent == indent for one in above)
    if fits or (indent > last.indent and not last.has_value):
        return None
    near = [one for one in above if one.indent > indent][:1]
    near += [one for one in above if one.indent < indent][-1:]
    places = " or ".join(f"{one.indent} (line {one.line + 1})" for one in near)
    secret = is_secret_name(last.key)  # then this line may be a part of its value
    key = "this line" if secret else match["key"]
    spaces = f"{indent} space{'' if indent == 1 else 's'}"
    reason = f"{key} is indented by {spaces}, but the keys before it by {places}"
    best = min(near, key=lambda one: abs(one.indent - indent))
    return Misplaced(indent, reason, " " * best.indent + lines[number][indent:])


def _opens_flow(lines: list[str]) -> bool:
    """Return whether lines open a bracket that they do not close: within, indents mean nothing."""
    counted = Counter("".join(lines))
    return counted["{"] + counted["["] > counted["}"] + counted["]"]


def _open_keys(lines: list[str]) -> list[_Above]:
    """Return the keys that a next line could stand beside, from the outermost one on."""
    found: list[_Above] = []
    for number, line in enumerate(lines):
        match = _LINE.match(line)
        if match:
            indent = len(match["indent"]) + len(match["item"])
            while found and found[-1].indent >= indent:
                found.pop()
            value = match["value"].partition(" #")[0].strip()
            found.append(_Above(indent, number, match["key"], bool(value)))
    return found
