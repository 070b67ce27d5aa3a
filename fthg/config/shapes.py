"""The shapes of values in JSON Schema, for editors; the readers decide what is right.

A shape accepts all that its reader does, and any text with an environment variable in it. Only
text that YAML takes for a list, or for a mapping with values, is refused: it needs quotes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

Shape = Mapping[str, Any]
Reader = TypeVar("Reader", bound=Callable[[Any], Any])

ANY: Shape = {}
TEXT: Shape = {
    "type": ["string", "number", "boolean", "object"],
    "additionalProperties": {"type": "null"},
    "minProperties": 1,
}
"""A text, which YAML may take for a number or a truth value, and `{uuid}` for a mapping."""

_VARIABLE = r"\$\{"

_SHAPES: dict[Any, Shape] = {}


def shaped(shape: Shape) -> Callable[[Reader], Reader]:
    """Return a decorator that gives a reader its shape."""

    def register(reader: Reader) -> Reader:
        _SHAPES[reader] = shape
        return reader

    return register


def shape_of(reader: Any) -> Shape:
    """Return the shape of a reader; ANY if it has none."""
    try:
        return _SHAPES.get(reader, ANY)
    except TypeError:  # one that cannot be hashed
        return ANY


def matching(pattern: str) -> Shape:
    """Return the shape of a text that a regular expression (ECMA-262) matches as a whole."""
    return {"type": "string", "pattern": rf"^\s*(?:{pattern})\s*$|{_VARIABLE}"}


def in_any_case(words: Sequence[str]) -> Shape:
    """Return the shape of one of some words, in capital or small letters."""
    spelled = ("".join(f"[{one.upper()}{one}]" for one in word) for word in words)
    return matching("|".join(spelled))


def one_of(words: Sequence[str]) -> Shape:
    """Return the shape of one of some words."""
    return either({"enum": list(words)}, {"type": "string", "pattern": _VARIABLE})


def either(*shapes: Shape) -> Shape:
    """Return the shape of what has one of some shapes."""
    flat = [
        one for shape in shapes for one in (shape["anyOf"] if set(shape) == {"anyOf"} else [shape])
    ]
    return ANY if ANY in flat else {"anyOf": flat}


def list_of(shape: Shape) -> Shape:
    """Return the shape of a list of such values, or of a single one."""
    return either({"type": "array", "items": shape}, shape)
