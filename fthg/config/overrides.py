"""Values from the command line, put into the tree over those of the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .document import Fault, parse
from .tree import Items, Origin, Section, Text


def option(name: str) -> Origin:
    """The origin of a value that an option gave."""
    return Origin("command line", detail=name)


def text(value: object, name: str) -> Text:
    """What an option gave, as the schema reads it."""
    return Text.at(option(name), str(value))


def put(tree: Section, path: Sequence[str], value: Any, origin: Origin) -> None:
    """Set one key, making the sections on the way that do not exist."""
    for step in path[:-1]:
        if not isinstance(tree.get(step), Section):
            fresh = Section()
            fresh.origin = origin
            _replace(tree, step, fresh, origin)
        tree = tree[step]
    _replace(tree, path[-1], value, origin)


def _replace(tree: Section, key: str, value: Any, origin: Origin) -> None:
    tree.pop(key, None)
    tree[Text.at(origin, key)] = value


def put_assignment(tree: Section, assignment: str) -> list[Fault]:
    """Carry out `--set PATH=VALUE`; the value is read as a file's values are."""
    path_text, equals, value_text = assignment.partition("=")
    origin = option(f"--set {path_text}")
    path = _steps(tree, path_text.strip().split("."))
    if not equals or not all(path):
        shown = (
            f"{path_text.split()[0]}…" if path_text.split() else "this"
        )  # its value may be a secret
        return [Fault(option("--set"), (), f"{shown} is not PATH=VALUE, as in run.duration=2h")]
    value, faults = parse("command line", value_text)
    if any(not fault.variable for fault in faults):
        value, faults = Text.at(origin, value_text), []
    put(tree, path, _placed(value, origin), origin)
    return [fault._replace(origin=origin) for fault in faults]


def _steps(tree: Any, parts: list[str]) -> list[str]:
    """Split a path, letting keys that exist hold dots themselves: the longest that exists wins."""
    if len(parts) <= 1:
        return parts
    for length in range(len(parts) - 1, 1, -1):
        key = ".".join(parts[:length])
        if isinstance(tree, dict) and key in tree:
            return [key, *_steps(tree[key], parts[length:])]
    below = tree.get(parts[0]) if isinstance(tree, dict) else None
    return [parts[0], *_steps(below, parts[1:])]


def _placed(node: Any, origin: Origin) -> Any:
    """The same node with every place replaced: a line within an option would help nobody."""
    if isinstance(node, Section):
        section = Section({Text.at(origin, key): _placed(node[key], origin) for key in node})
        section.origin, section.source = origin, node.source
        return section
    if isinstance(node, Items):
        items = Items(_placed(item, origin) for item in node)
        items.origin, items.source = origin, node.source
        return items
    if node is None:
        return None
    _, lent, names = node.origin.detail.partition("environment ")  # which may be secrets
    detail = f"{origin.detail}, {lent}{names}" if lent else origin.detail
    return Text.at(origin._replace(detail=detail), node)
