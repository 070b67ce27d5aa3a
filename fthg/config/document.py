"""Reads one YAML file as a tree of Text, Section and Items: each leaf has place and source text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

import yaml

from .problem import Problem, item_step
from .secret_names import is_secret_name
from .secret_texts import masked
from .syntax import compose
from .tree import Items, Node, Origin, Section, Text

_MERGE = "tag:yaml.org,2002:merge"

MAX_DEPTH = 40
MAX_NODES = 100_000
MAX_SIZE = 1024 * 1024  # characters: as much as a thousand jobs


def parse(source: str, text: str) -> tuple[Node, list[Problem]]:
    """Return the tree of a YAML text, and its problems; `source` is the name for messages."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = _RARE_BREAKS.sub(" ", text)
    root, text, problems = compose(source, _tabs_as_spaces(text))
    builder = _TreeBuilder(source, text)
    node = None if root is None else builder.node(root, ())
    return node, problems + builder.problems


_ODD_BLANKS = "\xa0\u2007\u202f\u3000\u200b\ufeff"
"""What looks like a space, or like nothing, and comes along from pages and letters."""

_RARE_BREAKS = re.compile("[\x85\u2028\u2029]")
"""Ends of lines for PyYAML, though for no editor and not in YAML 1.2: places would be wrong."""

_BLANKS = re.compile(r"(?m)(:|^[ \t]*-)([ \t]+)|(?<![ \t])[ \t]+$")


def _tabs_as_spaces(text: str) -> str:
    """Replace tabs after a value, and between a key and its value: YAML refuses some of them."""
    return _BLANKS.sub(lambda m: f"{m[1] or ''} " if "\t" in m[0] else m[0], text)


class _TreeBuilder:
    """A walk from YAML's nodes to ours, which collects problems on its way."""

    def __init__(self, source: str, text: str) -> None:
        self.source = source
        self.text = text
        self.problems: list[Problem] = []
        self._count = 0
        self._refused = False

    def node(self, node: yaml.Node, path: tuple[str, ...]) -> Node:
        origin = self._origin(node)
        if len(path) > MAX_DEPTH or not self._within_limits(node):
            self._refuse(origin)
            return None
        if isinstance(node, yaml.MappingNode):
            return self._section(node, path, origin)
        if isinstance(node, yaml.SequenceNode):
            return self._items(node, path, origin)
        if isinstance(node, yaml.ScalarNode) and node.tag.startswith("!"):
            return self._exclamation(node, path, origin)
        if node.tag == "tag:yaml.org,2002:null" and not getattr(node, "style", None):
            return None
        return self._text(str(node.value), path, origin)

    def _exclamation(self, node: yaml.ScalarNode, path: tuple[str, ...], origin: Origin) -> Text:
        """Refuse a value that begins with `!`: YAML takes its first word for the name of a type."""
        source = self._source(node)
        name = path[-1] if path else ""
        shown = "" if is_secret_name(name) else f": {name}: '{masked(source)}'"
        reason = f"this value must stand between single quotes{shown}"
        self.problems.append(Problem(origin, path, reason))
        return Text.at(origin, source)

    def _within_limits(self, node: yaml.Node) -> bool:
        """Count a node: aliases let a short file hold endlessly many nodes, and as long texts."""
        self._count += 1 + (len(node.value) // 64 if isinstance(node, yaml.ScalarNode) else 0)
        return self._count <= MAX_NODES

    def _refuse(self, origin: Origin) -> None:
        if not self._refused:
            self.problems.append(Problem(origin, (), "nested too deeply, or far too large"))
        self._refused, self._count = True, MAX_NODES  # what is left is passed over quickly

    def _section(self, node: yaml.MappingNode, path: tuple[str, ...], origin: Origin) -> Section:
        section = Section()
        section.origin, section.source = origin, self._source(node)
        merged: set[str] = set()
        for key_node, value_node in self._pairs(node, path, merged):
            place = self._origin(key_node)
            key = Text.at(place, self._whole(str(key_node.value), path, place))
            if key in section and key not in merged:
                first = next(known for known in section if known == key)
                reason = f"given twice; the first one is in line {first.origin.line}"
                self.problems.append(Problem(key.origin, (*path, key), reason))
            if section.pop(key, None) is not None:
                merged.discard(key)
            section[key] = self.node(value_node, (*path, key))
        return section

    def _pairs(
        self, node: yaml.MappingNode, path: tuple[str, ...], merged: set[str]
    ) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """Yield its own keys, after those that `<<` merges in, which may be overridden."""
        for key, value in node.value:
            if key.tag == _MERGE:
                yield from self._merged(value, path, merged)
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(Problem(self._origin(key), path, "a key must be plain text"))
            elif str(key.value).strip(_ODD_BLANKS) != str(key.value):
                reason = "a blank beside this key is none that YAML knows; write a plain space"
                self.problems.append(Problem(self._origin(key), path, reason))
            elif key.tag != _MERGE:
                yield key, value

    def _merged(
        self, value: yaml.Node, path: tuple[str, ...], merged: set[str]
    ) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        for base in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if len(path) >= MAX_DEPTH or not self._within_limits(base):
                self._refuse(self._origin(base))
            elif isinstance(base, yaml.MappingNode):
                for pair in self._pairs(base, (*path, "<<"), merged):
                    if str(pair[0].value) not in merged:
                        merged.add(str(pair[0].value))
                        yield pair
            else:
                reason = "<< takes a mapping, or a list of some, each by its alias: <<: *name"
                self.problems.append(Problem(self._origin(base), path, reason))

    def _items(self, node: yaml.SequenceNode, path: tuple[str, ...], origin: Origin) -> Items:
        items = Items(self.node(item, (*path, item_step(at))) for at, item in enumerate(node.value))
        items.origin, items.source = origin, self._source(node)
        return items

    def _text(self, text: str, path: tuple[str, ...], origin: Origin) -> Text:
        raw = self._whole(text, path, origin)
        expanded, used, missing = expand(raw, os.environ)
        for name in missing:
            reason = f"the variable {name} is not set; set it, or write ${{{name}:-default}}"
            self.problems.append(Problem(origin, path, reason, missing_variable=True))
        if used:
            origin = origin._replace(detail=f"environment {' '.join(used)}")
        return Text.at(origin, expanded, raw if "${" in raw else "")

    def _whole(self, text: str, path: tuple[str, ...], origin: Origin) -> str:
        """Join the two halves in which JSON writes an emoji, and YAML leaves it."""
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            reason = r"has half a character; after one such as \ud83d its second half must follow"
            self.problems.append(Problem(origin, path, reason))
            return ""

    def _origin(self, node: yaml.Node) -> Origin:
        return Origin(self.source, node.start_mark.line + 1, node.start_mark.column + 1)

    def _source(self, node: yaml.Node) -> str:
        # Only of what may be a text after all, such as {uuid}.
        if node.start_mark.line != node.end_mark.line:
            return ""
        return self.text[node.start_mark.index : node.end_mark.index].strip()


_VARIABLE = re.compile(r"\$(\$\{)|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}")


def expand(text: str, environ: Mapping[str, str]) -> tuple[str, list[str], list[str]]:
    """Replace `${NAME}` and `${NAME:-default}`, and `$${` by a literal `${`.

    Returns the text, the names it took from the environment, and those that were missing; as in
    a shell, a default also stands in for an empty variable.
    """
    used: list[str] = []
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        literal, name, default = match.groups()
        if literal:
            return str(literal)
        if name in environ and (environ[name] or default is None):
            used.append(name)
            return environ[name]
        if default is None:
            missing.append(name)
        return default or ""

    end = text.rfind("}") + 1  # what begins after it has no end, and would be looked for each time
    return _VARIABLE.sub(value, text[:end]) + text[end:], used, missing
