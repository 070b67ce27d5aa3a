"""Explains errors of YAML's own grammar, and repairs them so that the rest can be checked, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Optional

import yaml

from .line_errors import Finding, in_line, keys_in, opens_quote, quoted_whole
from .problem import Problem
from .secret_names import is_secret_name
from .tree import Origin

_MOST_REPAIRS = 20
_MOST_READ = 1024 * 1024  # characters that are read again after repairs: a second for each 300,000


class Composed(NamedTuple):
    """A YAML text as a tree of nodes; None where it could not be repaired."""

    root: Optional[yaml.Node]
    text: str  # as it was repaired: the nodes' marks are of this one
    problems: list[Problem]


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
            found = Finding(0, 0, f"not YAML: {error}", None)
        except RecursionError:
            found = Finding(0, 0, "nested too deeply", None)
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


def _control_character(text: str, at: int) -> Finding:
    before = text[:at]
    column = at - (before.rfind("\n") + 1)
    reason = f"the character U+{ord(text[at]):04X} is not allowed in YAML; delete it"
    return Finding(before.count("\n"), column, reason, None)


def _explain(lines: list[str], error: yaml.MarkedYAMLError) -> Finding:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Finding(0, 0, f"not YAML: {error.problem}", None)
    numbers = [number for number in _suspects(lines, error, mark) if number < len(lines)]
    for number in numbers:
        if secret := next(filter(is_secret_name, keys_in(lines[number])), None):
            # No excerpt of this line, and not the parser's words, which may quote it.
            reason = f"not YAML; put the value of {secret} between single quotes"
            return Finding(number, 0, reason, quoted_whole(lines[number]))
        if found := in_line(lines, number):
            return found
    return _of_structure(lines, error, mark)


def _of_structure(lines: list[str], error: yaml.MarkedYAMLError, mark: yaml.Mark) -> Finding:
    reason = " ".join(filter(None, (error.context, error.problem)))
    repaired, opening = None, error.context_mark
    if opening and str(error.context).startswith("while parsing a flow"):
        return _of_bracket(lines, error, mark, opening)
    if opening and error.context == "while scanning a quoted scalar":
        reason = "the quote that opens here is never closed"
        return Finding(opening.line, opening.column, reason, None)
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
    return Finding(mark.line, mark.column, reason, repaired)


def _of_bracket(
    lines: list[str], error: yaml.MarkedYAMLError, mark: yaml.Mark, opening: yaml.Mark
) -> Finding:
    if str(error.problem).endswith("found ','"):
        reason = "a value is missing before this comma; delete the comma"
        return Finding(mark.line, mark.column, reason, None)
    before = lines[opening.line][: opening.column + 1]
    column = max(before.rfind("{"), before.rfind("["))  # a "flow node" begins after its bracket
    if column < 0:
        reason = "a bracket above is not closed, or a comma is missing after it"
        return Finding(opening.line, opening.column, reason, None)
    reason = f"the {before[column]} that opens here is not closed, or a comma is missing after it"
    return Finding(opening.line, column, reason, None)


def _suspects(lines: list[str], error: yaml.MarkedYAMLError, mark: yaml.Mark) -> Iterator[int]:
    """Yield the numbers of the lines in which the cause may be, the likeliest first."""
    context = error.context_mark
    if context and str(error.context).startswith("while scanning"):
        yield context.line  # where the scalar or the key begins
    if "'<scalar>'" in str(error.problem) or '"' in "".join(lines[mark.line : mark.line + 1]):
        yield from (at for at in range(mark.line) if opens_quote(lines[at]))
    yield mark.line
    if mark.line:
        yield mark.line - 1
