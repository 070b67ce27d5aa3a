"""Configuration before the schema has seen it: text, sections and lists that know their origin."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, Optional, Union


class Cell(NamedTuple):
    """A cell of the table of an `each`, and its place."""

    table: str  # a path as an Origin's
    line: int  # from 1; 0 on the command line
    column: str
    text: str

    @property
    def row(self) -> str:
        """The place of its row, for people."""
        return f"{self.table}:{self.line}" if self.line else self.table


class Origin(NamedTuple):
    """The place of a value: in a file, or an option of the command line."""

    source: str  # a file's path as the user gave it, or "command line"
    line: Optional[int] = None  # from 1
    column: Optional[int] = None  # from 1
    detail: str = ""  # the option, or the environment variable
    cells: tuple[Cell, ...] = ()  # that the value was made of

    @property
    def directory(self) -> str:
        """The directory that relative input paths are relative to."""
        return os.path.dirname(self.source) if self.line else ""

    def __str__(self) -> str:
        if self.line:
            return f"{self.source}:{self.line}" + (f":{self.column}" if self.column else "")
        return f"{self.source} {self.detail}".strip()


DEFAULT = Origin("default")


class Text(str):
    """A scalar's source text: the schema decides what it means, not YAML."""

    origin: Origin = DEFAULT
    raw: str = ""
    """What the file has, if variables were expanded in it; else empty."""

    @classmethod
    def at(cls, origin: Origin, text: str, raw: str = "") -> Text:
        """Return the text with its place."""
        made = cls(text)
        made.origin = origin
        if raw:
            made.raw = raw
        return made


class Section(dict[Any, Any]):
    """A mapping; its keys are Text, its `source` is its text in the file."""

    origin: Origin = DEFAULT
    source: str = ""
    nulls: Sequence[Text] = ()
    """Keys without a value that were taken away."""

    template: str = ""
    """The name of the job with `each` whose row this is; else empty."""

    def without(self, keys: Collection[str]) -> Section:
        """Return the same section without some keys."""
        rest = Section({key: value for key, value in self.items() if key not in keys})
        rest.origin, rest.source, rest.template = self.origin, self.source, self.template
        return rest

    @property
    def text(self) -> str:
        """The source if it is a text that YAML took for a mapping, such as `{uuid}`; else empty."""
        is_text = bool(self) and not any(self.values()) and ":" not in self.source
        return self.source if is_text else ""


class Items(list[Any]):
    """A list; its `source` is its text in the file."""

    origin: Origin = DEFAULT
    source: str = ""


Node = Union[Text, Section, Items, None]


def merged(below: Node, above: Node) -> Node:
    """Return both trees as one: sections are merged key by key, any other node `above` wins."""
    if not (isinstance(below, Section) and isinstance(above, Section)):
        return above
    both = Section(below)
    both.origin, both.source, both.template = above.origin, above.source, above.template
    for key, value in above.items():
        both.pop(key, None)  # so that the key's own place is the later one, too
        both[key] = merged(below.get(key), value)
    return both


def key_origin(tree: Any, path: list[Any]) -> Origin:
    """Return the place of the key at the end of `path`, not of its value."""
    above = origin_of(tree, path[:-1])
    for step in path[:-1]:
        tree = tree.get(step) if isinstance(tree, dict) else None
    return next((key.origin for key in tree or () if key == path[-1]), above)


def origin_of(tree: Any, path: list[Any]) -> Origin:
    """Return the place of the value at `path`, or of the nearest node above it that has one."""
    found: Origin = getattr(tree, "origin", DEFAULT)
    for step in path:
        if isinstance(tree, dict):
            key = next((key for key in tree if key == step), None)
            found = getattr(key, "origin", found)
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        found = getattr(tree, "origin", found)
    return found
