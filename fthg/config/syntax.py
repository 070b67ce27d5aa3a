"""Explains errors of YAML's own grammar, and repairs them so that the rest can be checked, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Optional

import yaml

from .indents import misplaced
from .problem import Problem
from .secret_names import is_secret_name
from .secret_texts import masked
from .tree import Origin

_MOST_REPAIRS = 20
_MOST_READ = 1024 * 1024  # characters that are read again after repairs: a second for each 300,000
_LONGEST = 1000  # characters of a line that is looked into: the patterns' time is not linear


class Composed(NamedTuple):
    """A YAML text as a tree of nodes; None where it could not be repaired."""

    root: Optional[yaml.Node]
    text: str  # as it was repaired: the nodes' marks are of this one
    problems: list[Problem]


class _Finding(NamedTuple):
    """The cause of an error, and the line without it; None where that cannot be guessed."""

    line: int  # from 0
    column: int  # from 0
    reason: str
    repaired: Optional[str]


def compose(source: str, text: str) -> Composed:
    """Return the nodes of a YAML text, and a problem for each error of its grammar."""
    problems: list[Problem] = []
    repaired: set[tuple[int, int]] = set()
    while True:
        try:
            return Composed(yaml.compose(text, Loader=yaml.SafeLoader), text, problems)
        except yaml.MarkedYAMLError as error:
            found = _explain(text.split("\n"), error)
        except yaml.reader.ReaderError as error:
            found = _control_character(text, error.position)
        except yaml.YAMLError as error:
            found = _Finding(0, 0, f"not YAML: {error}", None)
        except RecursionError:
            found = _Finding(0, 0, "nested too deeply", None)
        if (found.line, found.column) in repaired:
            return Composed(None, text, problems)
        repaired.add((found.line, found.column))
        origin = Origin(source, found.line + 1, found.column + 1)
        most = min(_MOST_REPAIRS, max(1, _MOST_READ // len(text)))
        can_go_on = found.repaired is not None and len(repaired) <= most
        problems.append(Problem(origin, (), found.reason, repaired=can_go_on))
        if found.repaired is None or not can_go_on:
            return Composed(None, text, problems)
        lines = text.split("\n")
        lines[found.line] = found.repaired
        text = "\n".join(lines)


def _control_character(text: str, at: int) -> _Finding:
    before = text[:at]
    column = at - (before.rfind("\n") + 1)
    reason = f"the character U+{ord(text[at]):04X} is not allowed in YAML; delete it"
    return _Finding(before.count("\n"), column, reason, None)


def _explain(lines: list[str], error: yaml.MarkedYAMLError) -> _Finding:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return _Finding(0, 0, f"not YAML: {error.problem}", None)
    numbers = [number for number in _suspects(lines, error, mark) if number < len(lines)]
    for number in numbers:
        if secret := next(filter(is_secret_name, _NAMES.findall(lines[number])), None):
            # No excerpt of this line, and not the parser's words, which may quote it.
            reason = f"not YAML; put the value of {secret} between single quotes"
            return _Finding(number, 0, reason, _quoted_whole(lines[number]))
        if found := _in_line(lines, number):
            return found
    return _of_structure(lines, error, mark)


def _of_structure(lines: list[str], error: yaml.MarkedYAMLError, mark: yaml.Mark) -> _Finding:
    reason = " ".join(filter(None, (error.context, error.problem)))
    repaired, opening = None, error.context_mark
    if opening and str(error.context).startswith("while parsing a flow"):
        return _of_bracket(lines, error, mark, opening)
    if opening and error.context == "while scanning a quoted scalar":
        reason = "the quote that opens here is never closed"
        return _Finding(opening.line, opening.column, reason, None)
    if "'\\t'" in reason:
        reason = "this line is indented with a tab; indent with spaces, not tabs"
    elif "found another document" in reason:
        reason = "a second document begins here; delete this line, or give a file for each by -c"
        repaired = ""
    elif reason.endswith(("found '}'", "found ']'")):
        reason = f"nothing that this {reason[-2]} could close is open; delete it"
    elif "block mapping" in reason and reason.endswith("found '<block sequence start>'"):
        reason = "this item of a list needs the indent of the others, or a key without value above"
    elif "block mapping" in reason and reason.endswith("found '-'"):
        reason = "an item of a list stands beside keys; write a key and a colon in place of the -"
    else:
        reason = f"not YAML: {reason}"
    return _Finding(mark.line, mark.column, reason, repaired)


def _of_bracket(
    lines: list[str], error: yaml.MarkedYAMLError, mark: yaml.Mark, opening: yaml.Mark
) -> _Finding:
    if str(error.problem).endswith("found ','"):
        reason = "a value is missing before this comma; delete the comma"
        return _Finding(mark.line, mark.column, reason, None)
    before = lines[opening.line][: opening.column + 1]
    column = max(before.rfind("{"), before.rfind("["))  # a "flow node" begins after its bracket
    if column < 0:
        reason = "a bracket above is not closed, or a comma is missing after it"
        return _Finding(opening.line, opening.column, reason, None)
    reason = f"the {before[column]} that opens here is not closed, or a comma is missing after it"
    return _Finding(opening.line, column, reason, None)


def _suspects(lines: list[str], error: yaml.MarkedYAMLError, mark: yaml.Mark) -> Iterator[int]:
    """Yield the numbers of the lines in which the cause may be, the likeliest first."""
    context = error.context_mark
    if context and str(error.context).startswith("while scanning"):
        yield context.line  # where the scalar or the key begins
    if "'<scalar>'" in str(error.problem) or '"' in "".join(lines[mark.line : mark.line + 1]):
        yield from (at for at in range(mark.line) if _OPEN.search(lines[at]))
    yield mark.line
    if mark.line:
        yield mark.line - 1


def _in_line(lines: list[str], number: int) -> Optional[_Finding]:
    if len(lines[number]) > _LONGEST:
        return None
    if found := misplaced(lines, number):
        return _Finding(number, found.column, found.reason, found.repaired)
    for pattern, say in _CAUSES:
        match = pattern.search(lines[number])
        if match and not _COLLECTION.fullmatch(match["value"]):
            if unclosed := _UNCLOSED.match(match["value"]):
                reason = f"the {unclosed[0][0]} that opens here is not closed; look for its partner"
                return _Finding(number, match.start("value"), reason, None)
            quoted, reason = _quote(match["value"]), say(match)
            start, end = match.span("value")
            repaired = lines[number][:start] + quoted + lines[number][end:]
            return _Finding(number, start, reason, repaired)
    return _without_colon(lines[number], number) or _odd_blank(lines[number], number)


def _without_colon(line: str, number: int) -> Optional[_Finding]:
    match = _NO_COLON.match(line)
    if match is None:
        return None
    right = f"{match['key']}: {match['value']}"
    reason = f"a colon and a space must stand after the key: {masked(right)}"
    return _Finding(number, match.start("key"), reason, match["indent"] + right)


def _odd_blank(line: str, number: int) -> Optional[_Finding]:
    match = _ODD_BLANK.search(line)
    if match is None:
        return None
    reason = f"a blank that YAML does not know (U+{ord(match[0]):04X}); write a plain space"
    return _Finding(number, match.start(), reason, _ODD_BLANK.sub(" ", line))


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
    (_AFTER_QUOTE, _say_quotes),
    (_UNQUOTED, _say_quotes),
    (_UNQUOTED_ITEM, _say_quotes),
    (_OPEN, _say_open),
)
"""What can be wrong in a line, with the reason; the value is put between single quotes."""


def _quoted_whole(line: str) -> Optional[str]:
    match = _WHOLE.match(line) if len(line) <= _LONGEST else None
    if not match:
        return None
    start, end = match.span("value")
    return line[:start] + _quote(match["value"]) + line[end:]
