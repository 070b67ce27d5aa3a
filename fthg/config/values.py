"""The readers of the schemas: each reads one kind of value from its source text."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, Optional

import voluptuous as vol

from .. import units
from ..placeholders import Template
from ..zones import zone_to_show
from . import shapes
from .secret_file import FileSecret, read_secret
from .shapes import TEXT, shape_of, shaped

Reader = Callable[[Any], Any]

TRUE = {"true", "yes", "on", "y"}
FALSE = {"false", "no", "off", "n"}


@shaped(TEXT)
def text(value: Any) -> str:
    """Return the text as it is in the file, even if YAML would make something else of it."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    source: str = getattr(value, "source", "")
    if not source or "\n" in source:
        raise vol.Invalid(f"must be text, not {_name(value)}")
    return source


@shaped(TEXT)
def filled(value: Any) -> str:
    """Return a text that is not empty."""
    read = text(value)
    if not read.strip():
        raise vol.Invalid("must not be empty")
    return read


@shaped(shapes.either({"type": "boolean"}, shapes.in_any_case(sorted(TRUE | FALSE))))
def boolean(value: Any) -> bool:
    """Read `true` or `false`, or YAML's other words for them."""
    if isinstance(value, bool):
        return value
    word = text(value).strip().lower()
    if word in TRUE | FALSE:
        return word in TRUE
    raise vol.Invalid(f"{word!r} is neither true nor false")


def whole(minimum: int = 0, maximum: Optional[int] = None) -> Reader:
    """Return a reader of whole numbers of at least `minimum`."""

    @shaped(_whole(minimum, maximum))
    def read(value: Any) -> int:
        digits = text(value).strip()
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", digits):
            raise vol.Invalid(f"{digits!r} is not a whole number")
        number = int(digits)
        if number < minimum:
            raise vol.Invalid(f"{number} is too small; the least is {minimum}")
        if maximum is not None and number > maximum:
            raise vol.Invalid(f"{number} is too large; the most is {maximum}")
        return number

    return read


def _whole(minimum: int, maximum: Optional[int]) -> shapes.Shape:
    bounds = {"minimum": minimum, **({} if maximum is None else {"maximum": maximum})}
    return shapes.either({"type": "integer", **bounds}, shapes.matching(r"[+-]?[0-9]+"))


def one_of(*words: str) -> Reader:
    """Return a reader of one of a few words."""

    @shaped(shapes.one_of(words))
    def read(value: Any) -> str:
        word = text(value).strip()
        if word not in words:
            raise vol.Invalid(f"{word!r} is not one of {', '.join(words)}")
        return word

    return read


def _from_units(read: Callable[[str], Any], shape: shapes.Shape) -> Reader:
    @shaped(shape)
    def reader(value: Any) -> Any:
        try:
            return read(text(value))
        except ValueError as error:
            raise vol.Invalid(str(error)) from None

    return reader


_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_DURATION = shapes.either({"const": 0}, shapes.matching(rf"0|(?:{_NUMBER}\s*[A-Za-zµμ]+\s*)+"))
_SIZE = shapes.either({"type": "number"}, shapes.matching(rf"{_NUMBER}\s*[A-Za-z]*"))

duration: Reader = _from_units(units.duration, _DURATION)
size: Reader = _from_units(units.size, _SIZE)
byte_rate: Reader = _from_units(units.byte_rate, {"type": "string"})
template: Reader = _from_units(Template, TEXT)


@shaped(_DURATION)
def some_duration(value: Any) -> float:
    """Return a duration above zero, in seconds."""
    seconds: float = duration(value)
    if seconds <= 0:
        raise vol.Invalid("must be more than 0s")
    return seconds


@shaped(TEXT)
def input_path(value: Any) -> str:
    """Return the path of a file to read, with `~`; relative to the configuration file."""
    path = os.path.expanduser(filled(value))
    origin = getattr(value, "origin", None)
    return os.path.join(origin.directory, path) if origin else path


@shaped(TEXT)
def output_path(value: Any) -> str:
    """Return the path of a file to write, with `~`; relative to the working directory."""
    return os.path.expanduser(filled(value))


@shaped(TEXT)
def secret_file(value: Any) -> FileSecret:
    """Return the first line of a file that holds a secret."""
    try:
        return read_secret(input_path(value))
    except ValueError as error:
        raise vol.Invalid(str(error)) from None


def mapping_of(read: Reader) -> Reader:
    """Return a reader of mappings from any text to values of one kind; reports every bad one."""
    schema = vol.Schema({str: read})

    @shaped({"type": "object", "additionalProperties": shape_of(read)})
    def reader(value: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise vol.Invalid(f"must be a mapping, not {_name(value)}")
        read_values: Mapping[str, Any] = schema(value)
        return read_values

    return reader


def list_of(read: Reader) -> Reader:
    """Return a reader of lists of values of one kind; a single value is a list of one."""
    schema = vol.Schema([read])

    @shaped(shapes.list_of(shape_of(read)))
    def reader(value: Any) -> list[Any]:
        # The error of a single value is at its key, not at an item that no one wrote.
        items: list[Any] = schema(value) if isinstance(value, list) else [read(value)]
        return items

    return reader


@shaped(shapes.list_of(TEXT))
def patterns(value: Any) -> tuple[str, ...]:
    """Read a pattern for names, or a list of them."""
    return tuple(list_of(_pattern)(value))


_BRACES = re.compile(r"(.*?)\{([^{}]*,[^{}]*)\}(.*)")


def _pattern(value: Any) -> str:
    """Return a pattern; braces, which a shell expands, would stand for themselves."""
    read = filled(value)
    if braces := _BRACES.fullmatch(read):
        before, words, after = braces.groups()
        each = ", ".join(f"'{before}{word.strip()}{after}'" for word in words.split(","))
        raise vol.Invalid(f"braces are no pattern; write a list: [{each}]")
    return read


@shaped(shapes.list_of(TEXT))
def some_patterns(value: Any) -> tuple[str, ...]:
    """Read a pattern for names, or a list of at least one."""
    read = patterns(value)
    if not read:
        raise vol.Invalid("an empty list matches no file; leave it out if all are meant")
    return read


def _name(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "text"


@shaped(TEXT)
def zone(value: Any) -> tuple[tzinfo, str]:
    """Read the zone in which people see times, and its name."""
    try:
        return zone_to_show(filled(value))
    except ValueError as error:
        raise vol.Invalid(f"{error}, local or UTC") from None
