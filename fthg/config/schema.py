"""A tree checked against a voluptuous schema: typed data, or every problem with its remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Callable, NamedTuple, Optional

import voluptuous as vol

from ..text import did_you_mean
from .problem import Problem, first_of, item_step
from .tree import DEFAULT, Section, key_origin, origin_of

Schema = Mapping[Any, Any]
"""Markers of keys and their readers, as in `vol.Schema(schema)`."""


_LISTED = 12
"""Keys that an unknown one is answered with, if none is like it; more would help nobody."""


class _Key(vol.Optional):
    secret: bool = False


def key(
    name: str, description: str, default: Any = vol.UNDEFINED, *, secret: bool = False
) -> vol.Optional:
    """Return the marker of a key that may be left out; `secret`: no output may show its value."""
    marker = _Key(name, default=default, description=description)
    marker.secret = secret
    return marker


def required(name: str, description: str) -> vol.Required:
    """Return the marker of a key that must be given."""
    return vol.Required(name, description=description)


class WrongKey(vol.Invalid):
    """An error of the key at the end of its path, not of its value."""


class Nested:
    """A reader of a mapping, or of a short form of it, that shows the schema of the mapping."""

    def __init__(self, read: Callable[[Any], Any], keys: Schema) -> None:
        self.read = read
        self.keys = keys

    def __call__(self, value: Any) -> Any:
        """Return the checked value; raises vol.Invalid."""
        return self.read(value)


class Key(NamedTuple):
    """One configuration key as its schema describes it."""

    name: str
    description: str
    default: Optional[str]  # as one would write it; None: there is none
    required: bool
    inner: Optional[Schema]  # the schema below it, if it has one
    secret: bool = False


def keys_of(schema: Schema) -> Iterator[Key]:
    """Yield every key of a schema, in its order."""
    for marker, reader in schema.items():
        default = getattr(marker, "default", vol.UNDEFINED)
        inner = reader.keys if isinstance(reader, Nested) else reader
        yield Key(
            name=str(marker),
            description=getattr(marker, "description", None) or "",
            default=None if isinstance(default, vol.Undefined) else str(default()),
            required=isinstance(marker, vol.Required),
            inner=inner if isinstance(inner, Mapping) else None,
            secret=getattr(marker, "secret", False),
        )


class _Same:
    """A schema, equal to itself alone."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.schema is self.schema


def keys_by_name(schema: Schema) -> Mapping[str, Key]:
    """Return the keys of a schema by their names."""
    return _keys_by_name(_Same(schema))


@lru_cache(maxsize=64)
def _keys_by_name(same: _Same) -> Mapping[str, Key]:
    return {key.name: key for key in keys_of(same.schema)}


def without_defaults(schema: Schema) -> Schema:
    """Return a schema of the same keys in which none is required and none has a default."""
    readers = {str(marker): reader for marker, reader in schema.items()}
    return {
        key(known.name, known.description, secret=known.secret): readers[known.name]
        for known in keys_of(schema)
    }


def check(
    tree: Any, schema: Schema, path: tuple[str, ...] = ()
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the data of `tree`, which stands at `path`, or its problems; null is no key."""
    if tree is None:
        tree = Section()
    tree = _without_nulls(tree)
    try:
        return _compiled(_Same(schema))(tree), []
    except vol.MultipleInvalid as invalid:
        return {}, first_of(_problem(tree, schema, path, error) for error in _flat(invalid))


@lru_cache(maxsize=16)
def _compiled(same: _Same) -> vol.Schema:
    """Return the schema compiled, which takes longer than to check a job with it."""
    return vol.Schema(dict(same.schema))


def _without_nulls(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    kept = Section({key: _without_nulls(node) for key, node in tree.items() if node is not None})
    kept.origin, kept.source = getattr(tree, "origin", DEFAULT), getattr(tree, "source", "")
    kept.nulls = [key for key, node in tree.items() if node is None]
    return kept


def _flat(invalid: vol.MultipleInvalid) -> Iterator[vol.Invalid]:
    for error in invalid.errors:
        if isinstance(error, vol.MultipleInvalid):
            yield from _flat(error)
        else:
            yield error


def _problem(tree: Any, schema: Schema, above: tuple[str, ...], error: vol.Invalid) -> Problem:
    steps = list(error.path)
    path = _shown_path(tree, steps)
    reason = error.error_message
    if isinstance(error, vol.RequiredFieldInvalid):
        wanted = getattr(steps[-1], "description", None) or "it must be given"
        place = origin_of(tree, steps[:-1])
        return Problem(place, (*above, *path), f"this key is missing: {wanted}")
    if reason == "extra keys not allowed":
        reason = f"unknown key{did_you_mean(path[-1], _known(schema, path[:-1]), _LISTED)}"
        return Problem(key_origin(tree, steps), (*above, *path), reason)
    if isinstance(error, vol.DictInvalid):
        reason = "must be a mapping of keys and values"
    elif isinstance(error, vol.SequenceTypeInvalid):
        reason = "must be a list"
    elif isinstance(error, WrongKey):
        return Problem(key_origin(tree, steps), (*above, *path), reason)
    return Problem(origin_of(tree, steps), (*above, *path), reason)


def _shown_path(tree: Any, steps: Iterable[Any]) -> tuple[str, ...]:
    """Return a path as the file has it: without the key that a list is short for."""
    shown: list[str] = []
    for step in steps:
        if isinstance(step, int):
            shown.append(item_step(step))
        elif not isinstance(tree, list):
            shown.append(str(step))
        if isinstance(tree, dict):
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int):
            tree = tree[step] if step < len(tree) else None
    return tuple(shown)


def _known(schema: Schema, path: Iterable[str]) -> list[str]:
    for step in path:
        inner = next((key.inner for key in keys_of(schema) if key.name == step), None)
        schema = inner or {}
    return [key.name for key in keys_of(schema)]
