"""The JSON Schema (2020-12) of a configuration file, made from the schemas that check it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .logging_options import LOGGING_KEYS
from .schema import Key, Nested, Schema, keys_of
from .sections import Sections
from .shapes import TEXT, Shape, either, shape_of

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NULL: Shape = {"type": "null"}
_NAME = r"^(?:[0-9A-Za-z_.-]|[^\x00-\x7f])+$|\$\{"
"""The names of jobs, or of those for rows of a table; \\w of ECMA-262 knows no umlauts."""


def json_schema(sections: Sections, protocols: Sequence[Sequence[str]]) -> Mapping[str, Any]:
    """Return it; `protocols` has the URL schemes of each protocol."""
    return {
        "$schema": _DIALECT,
        "title": "Configuration of fthg, the File Transfer Harness",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "run": _or_null(_mapping(sections.run, "what the whole run has")),
            "logging": _or_null(_mapping(LOGGING_KEYS, "where log lines go")),
            "defaults": _or_null(
                _mapping(sections.job(""), "merged under every job that knows the key")
            ),
            "jobs": _or_null(
                {
                    "description": "the jobs by name",
                    "type": "object",
                    "propertyNames": {"pattern": _NAME},
                    "additionalProperties": {"$ref": "#/$defs/job"},
                }
            ),
            "track": _or_null(_mapping(sections.track, "tracking mode")),
        },
        # What a job lacks may stand in the defaults.
        "if": {"not": {"required": ["defaults"]}},
        "then": {
            "properties": {"jobs": {"additionalProperties": {"$ref": "#/$defs/whole_job"}}},
        },
        "$defs": {
            "job": _job(sections, protocols),
            "whole_job": {
                "required": [key.name for key in keys_of(sections.job("")) if key.required]
            },
        },
    }


def _or_null(shape: Shape) -> Shape:
    rest = {name: value for name, value in shape.items() if name != "description"}
    return {"description": shape["description"], **either(rest, _NULL)}


def _mapping(schema: Schema, description: str = "") -> Shape:
    """Return the shape of a mapping with the keys of a schema; none of them is required."""
    readers = {str(marker): reader for marker, reader in schema.items()}
    return {
        **({"description": description} if description else {}),
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: _property(key, readers[key.name]) for key in keys_of(schema)},
    }


def _property(key: Key, reader: Any) -> Shape:
    default = f" (default: {key.default})" if key.default not in (None, "{}") else ""
    return _or_null({"description": f"{key.description}{default}", **_shape(reader)})


def _shape(reader: Any) -> Shape:
    """Return the shape of a value."""
    if isinstance(reader, Nested):
        return either(_mapping(reader.keys), TEXT)
    if isinstance(reader, Mapping):
        return _mapping(reader)
    return shape_of(reader)


def _job(sections: Sections, protocols: Sequence[Sequence[str]]) -> Shape:
    """Return the shape of a job: its keys are those of its protocol, where the URL names that."""
    shape = _mapping(sections.job(""))
    return {
        **shape,
        "allOf": [_of_protocol(sections, names, shape["properties"]) for names in protocols],
    }


def _of_protocol(sections: Sections, schemes: Sequence[str], every: Shape) -> Shape:
    """Return what differs from the shape of every key where the URL is of one of these schemes."""
    own = _mapping(sections.job(schemes[0]))["properties"]
    differing = {name: shape for name, shape in own.items() if shape != every[name]}
    others = sorted(set(every) - set(own))
    url = {"type": "string", "pattern": f"^\\s*(?:{'|'.join(schemes)})://"}
    return {
        "if": {"properties": {"url": url}, "required": ["url"]},
        "then": {"properties": {**differing, **dict.fromkeys(others, _NULL)}},
    }
