"""Values from the command line, put into the tree over those of the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .document import parse
from .problem import Problem
from .tree import Items, Origin, Section, Text


def option(name: str) -> Origin:
    """Return the origin of a value that an option gave."""
    return Origin("command line", detail=name)


def text(value: object, name: str) -> Text:
    """Return the value of an option as the schema reads it."""
    return Text.at(option(name), str(value))


def put(tree: Section, path: Sequence[str], value: Any, origin: Origin) -> None:
    """Set one key, and make the sections above it that do not exist."""
    for step in path[:-1]:
        if not isinstance(tree.get(step), Section):
            fresh = Section()
            fresh.origin = origin
            if "://" in str(tree.get(step)):  # the short form of a side, which is added to
                fresh[Text.at(tree[step].origin, "url")] = tree[step]
            _replace(tree, step, fresh, origin)
        tree = tree[step]
    _replace(tree, path[-1], value, origin)


def _replace(tree: Section, key: str, value: Any, origin: Origin) -> None:
    tree.pop(key, None)
    tree[Text.at(origin, key)] = value


def of_template(assignment: str) -> bool:
    """Return whether `--set` is for the job with `each` itself, as in jobs.partner-${name}.rate.

    It is carried out before there is a job for each row, any other one after that.
    """
    path = assignment.partition("=")[0].strip()
    return "${" in path or (path.startswith("jobs.") and path.endswith(".each"))


def by_exactness(assignments: Sequence[str]) -> Sequence[str]:
    """Return `--set` in the order to carry them out: the more exact path last, which wins."""
    return sorted(assignments, key=lambda assignment: assignment.partition("=")[0].count("."))


def put_assignment(tree: Section, assignment: str) -> list[Problem]:
    """Carry out `--set PATH=VALUE`; the value is read as a file's values are."""
    path_text, equals, value_text = assignment.partition("=")
    origin = option(f"--set {path_text}")
    path = _steps(tree, path_text.strip().split("."))
    if not equals or not all(path):
        words = path_text.split()  # further ones may be a secret
        shown = f"{words[0]}…" if words else "this"
        return [Problem(option("--set"), (), f"{shown} is not PATH=VALUE, as in run.duration=2h")]
    value, problems = parse("command line", value_text)
    if any(not problem.missing_variable for problem in problems):
        value, problems = Text.at(origin, value_text), []
    put(tree, path, _relocated(value, origin), origin)
    return [problem._replace(origin=origin) for problem in problems]


def _steps(tree: Any, parts: list[str]) -> list[str]:
    """Split a path; keys that exist may hold dots themselves, and the longest one wins."""
    if len(parts) <= 1:
        return parts
    for length in range(len(parts) - 1, 1, -1):
        key = ".".join(parts[:length])
        if isinstance(tree, dict) and key in tree:
            return [key, *_steps(tree[key], parts[length:])]
    below = tree.get(parts[0]) if isinstance(tree, dict) else None
    return [parts[0], *_steps(below, parts[1:])]


def _relocated(node: Any, origin: Origin) -> Any:
    """Return the node with the option as its place: a line within an option would help nobody."""
    if isinstance(node, Section):
        section = Section({Text.at(origin, key): _relocated(node[key], origin) for key in node})
        section.origin, section.source = origin, node.source
        return section
    if isinstance(node, Items):
        items = Items(_relocated(item, origin) for item in node)
        items.origin, items.source = origin, node.source
        return items
    if node is None:
        return None
    _, variables, names = node.origin.detail.partition("environment ")  # which may be secret
    detail = f"{origin.detail}, {variables}{names}" if variables else origin.detail
    return Text.at(origin._replace(detail=detail), node, node.raw)
