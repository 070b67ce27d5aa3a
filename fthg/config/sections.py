"""The schemas of the modes, handed in: the configuration imports no mode."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

Schema = Mapping[Any, Any]
"""Voluptuous markers and readers, as in `vol.Schema(schema)`."""


class Sections(NamedTuple):
    """What may stand in the sections `run`, `jobs` and `track`."""

    run: Schema
    job: Callable[[str], Schema]
    """The keys of a job by the scheme of its URL; those of all schemes where it is unknown."""

    job_errors: Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]]
    """Yields (key, reason) for keys of a job that are each right but do not go together."""

    track: Schema
