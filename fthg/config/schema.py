"""A tree held against a voluptuous schema: typed data, or every fault with its place and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Optional

import voluptuous as vol

from ..text import did_you_mean
from .document import Fault
from .tree import DEFAULT, Section, key_origin, origin_of


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


class Key(NamedTuple):
    """One configuration key as its schema describes it."""

    name: str
    description: str
    default: Optional[str]  # as one would write it; None: there is none
    required: bool
    inner: Optional[Mapping[Any, Any]]  # the schema below it, where it is a mapping
    secret: bool = False


def keys_of(schema: Mapping[Any, Any]) -> Iterator[Key]:
    """Every key of a schema, in its order."""
    for marker, reader in schema.items():
        default = getattr(marker, "default", vol.UNDEFINED)
        yield Key(
            name=str(marker),
            description=getattr(marker, "description", None) or "",
            default=None if isinstance(default, vol.Undefined) else str(default()),
            required=isinstance(marker, vol.Required),
            inner=reader if isinstance(reader, Mapping) else None,
            secret=getattr(marker, "secret", False),
        )


def check(
    tree: Any, schema: Mapping[Any, Any], path: tuple[str, ...] = ()
) -> tuple[dict[str, Any], list[Fault]]:
    """The data of `tree`, which stands at `path`, or its faults; no value is as no key."""
    if tree is None:
        tree = Section()
    tree = _given(tree)
    try:
        return vol.Schema(dict(schema))(tree), []
    except vol.MultipleInvalid as invalid:
        return {}, [_fault(tree, schema, path, error) for error in _flat(invalid)]


def _given(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    given = Section({key: _given(value) for key, value in tree.items() if value is not None})
    given.origin, given.source = getattr(tree, "origin", DEFAULT), getattr(tree, "source", "")
    return given


def _flat(invalid: vol.MultipleInvalid) -> Iterator[vol.Invalid]:
    for error in invalid.errors:
        if isinstance(error, vol.MultipleInvalid):
            yield from _flat(error)
        else:
            yield error


def _fault(
    tree: Any, schema: Mapping[Any, Any], above: tuple[str, ...], error: vol.Invalid
) -> Fault:
    steps = list(error.path)
    path = tuple(str(step) for step in steps)
    reason = error.error_message
    if isinstance(error, vol.RequiredFieldInvalid):
        wanted = getattr(steps[-1], "description", None) or "it must be given"
        return Fault(origin_of(tree, steps[:-1]), (*above, *path), f"this key is missing: {wanted}")
    if reason == "extra keys not allowed":
        reason = f"unknown key{did_you_mean(path[-1], _known(schema, path[:-1]))}"
        return Fault(key_origin(tree, steps), (*above, *path), reason)
    if isinstance(error, vol.DictInvalid):
        reason = "a mapping of keys and values is wanted here"
    elif isinstance(error, vol.SequenceTypeInvalid):
        reason = "a list is wanted here"
    return Fault(origin_of(tree, steps), (*above, *path), reason)


def _known(schema: Mapping[Any, Any], path: Iterable[str]) -> list[str]:
    for step in path:
        inner = next((key.inner for key in keys_of(schema) if key.name == step), None)
        schema = inner or {}
    return [key.name for key in keys_of(schema)]
