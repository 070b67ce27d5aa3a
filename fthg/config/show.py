"""`--show-config`: the effective configuration as YAML, each value with where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from .schema import keys_of
from .secrets import masked
from .tree import DEFAULT, Items, Origin, Section

_PLAIN = re.compile(r"[A-Za-z0-9_./+<>][A-Za-z0-9_./~*+<>=@%:,; -]*")


def show(tree: Section, schema: Mapping[Any, Any], indent: int = 0) -> Iterator[str]:
    """Lines of YAML for a section: its own keys in their order, then the defaults that stand in."""
    for key, value in tree.items():
        inner = next((known.inner for known in keys_of(schema) if known.name == key), None)
        if value is not None:
            yield from _lines(str(key), value, inner, indent)
    for known in keys_of(schema):
        if tree.get(known.name) is None and known.default is not None:
            yield _line(known.name, known.default, DEFAULT, indent)


def _lines(key: str, value: Any, inner: Optional[Mapping[Any, Any]], indent: int) -> Iterator[str]:
    pad = " " * indent
    if isinstance(value, Section) and value.source and value and not any(value.values()):
        yield _line(key, value.source, value.origin, indent)  # a text such as {uuid}
    elif isinstance(value, Section):
        yield f"{pad}{_quoted(key)}:" if value or inner else f"{pad}{_quoted(key)}: {{}}"
        yield from show(value, inner or {}, indent + 2)
    elif isinstance(value, Items) and value:
        yield f"{pad}{_quoted(key)}:"
        yield from _items(key, value, indent + 2)
    elif isinstance(value, Items):
        yield f"{pad}{_quoted(key)}: []"
    else:
        yield _line(key, value, value.origin, indent)


def _items(key: str, items: Items, indent: int) -> Iterator[str]:
    pad = " " * indent
    for item in items:
        if isinstance(item, Section) and item:
            yield f"{pad}-"
            yield from show(item, {}, indent + 2)
        elif isinstance(item, Items) and item:
            yield f"{pad}-"
            yield from _items(key, item, indent + 2)
        elif isinstance(item, (Section, Items)):
            yield f"{pad}- {'{}' if isinstance(item, Section) else '[]'}"
        elif item is None:
            yield f"{pad}- null"
        else:
            yield _commented(f"{pad}- {_quoted(masked(key, item))}", item.origin)


def _line(key: str, text: str, origin: Origin, indent: int) -> str:
    return _commented(f"{' ' * indent}{_quoted(key)}: {_quoted(masked(key, text))}", origin)


def _commented(line: str, origin: Origin) -> str:
    where = f"{origin.source}:{origin.line}" if origin.line else origin.source
    return f"{line:<48}  # {where} {origin.detail}".rstrip()


def _quoted(text: str) -> str:
    """The text so that YAML reads it as the same text."""
    plain = _PLAIN.fullmatch(text) and ": " not in text and not text.endswith((":", " "))
    if plain and text.lower() != "null":
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda c: f"\\x{ord(c[0]):02x}", escaped) + '"'
