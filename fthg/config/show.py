"""`--show-config`: the effective configuration as YAML, each value with its origin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from .schema import Key, Schema, keys_by_name
from .secret_names import is_secret_name
from .secret_texts import MASK, masked
from .tree import DEFAULT, Items, Origin, Section

_PLAIN = re.compile(r"(?!<<)[A-Za-z0-9_./+<][A-Za-z0-9_./~*+<>=@%:,; -]*")


Mask = Callable[[str], str]
"""Returns a text without secrets."""


def show(tree: Section, schema: Schema, mask: Mask = str, indent: int = 0) -> Iterator[str]:
    """Yield lines of YAML for a section: its own keys in their order, then defaults of others."""
    known = keys_by_name(schema)
    for name, value in tree.items():
        if value is not None:
            yield from _lines(_shown(str(name), known, mask), value, indent)
    for key in known.values():
        if tree.get(key.name) is not None or key.default is None:
            continue
        if key.default == "{}":  # a mapping without keys, not a text
            yield _commented(f"{' ' * indent}{key.name}: {{}}", DEFAULT)
        else:
            yield _line(_shown(key.name, known, mask), key.default, DEFAULT, indent)


class _Shown(NamedTuple):
    """A key as it is shown."""

    name: str
    secret: bool
    inner: Schema
    mask: Mask

    def value(self, text: str) -> str:
        """Return the text of a value, quoted, without its secrets."""
        shown = MASK if self.secret and text else self.mask(masked(text))
        return _quoted(shown.replace("${", "$${"))  # not to be expanded when it is read again


def _shown(name: str, known: Mapping[str, Key], mask: Mask) -> _Shown:
    key = known.get(name)
    secret = key.secret if key else is_secret_name(name)
    return _Shown(name, secret, (key and key.inner) or {}, mask)


def _lines(key: _Shown, value: Any, indent: int) -> Iterator[str]:
    start = f"{' ' * indent}{_quoted(key.name)}:"
    if isinstance(value, Section) and value.text:
        yield _line(key, value.text, value.origin, indent)
    elif isinstance(value, Section):
        inner = list(show(value, key.inner, key.mask, indent + 2))
        yield start if inner else f"{start} {{}}"
        yield from inner
    elif isinstance(value, Items):
        yield start if value else f"{start} []"
        yield from _items(key, value, indent + 2)
    else:
        yield _line(key, value, value.origin, indent)


def _items(key: _Shown, items: Items, indent: int) -> Iterator[str]:
    pad = " " * indent
    for item in items:
        if isinstance(item, Section) and item:
            yield f"{pad}-"
            yield from show(item, key.inner, key.mask, indent + 2)
        elif isinstance(item, Items) and item:
            yield f"{pad}-"
            yield from _items(key, item, indent + 2)
        elif isinstance(item, (Section, Items)):
            yield f"{pad}- {'{}' if isinstance(item, Section) else '[]'}"
        elif item is None:
            yield f"{pad}- null"
        else:
            yield _commented(f"{pad}- {key.value(item)}", item.origin)


def _line(key: _Shown, text: str, origin: Origin, indent: int) -> str:
    return _commented(f"{' ' * indent}{_quoted(key.name)}: {key.value(text)}", origin)


def _commented(line: str, origin: Origin) -> str:
    if origin.cells:
        where = origin.cells[0].row
    else:
        where = f"{origin.source}:{origin.line}" if origin.line else origin.source
    return f"{line:<48}  # {where} {origin.detail}".rstrip()


def _quoted(text: str) -> str:
    """Return the text as YAML reads it: plain, or between quotes."""
    plain = _PLAIN.fullmatch(text) and ": " not in text and not text.endswith((":", " "))
    if plain and text.lower() != "null":
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda c: f"\\x{ord(c[0]):02x}", escaped) + '"'
