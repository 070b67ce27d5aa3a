"""The values of `rate:` that are mappings: a day profile, and a replay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import voluptuous as vol

from ...config.schema import WrongKey
from ...text import did_you_mean

KEYS: Mapping[str, Sequence[str]] = {
    "day": ("day", "zone"),
    "replay": ("replay", "column", "speed"),
}
"""The key that makes a mapping the one or the other → all of its keys."""

_MAPPING = "a day profile or a replay is a mapping: write it into the configuration file, without "
_MAPPING += "quotes around it, or give it as --set jobs.NAME.rate='{…}'"


def is_mapping_of(kind: str, value: Any) -> bool:
    """Return True if a value of `rate:` is a mapping of this kind; Invalid if it is of none."""
    if not isinstance(value, dict):
        if isinstance(value, str) and value.lstrip().startswith("{"):
            raise vol.Invalid(_MAPPING)
        return False
    kinds = [name for name in KEYS if name in value]
    if not kinds:
        raise vol.Invalid("a mapping needs the key day (a day profile) or replay (a file)")
    if len(kinds) > 1:
        raise WrongKey("either day or replay; null takes one of the defaults away", [kinds[1]])
    if wrong := [key for key in value if key not in KEYS[kinds[0]]]:
        hint = did_you_mean(wrong[0], KEYS[kinds[0]])
        raise WrongKey(f"unknown key{hint}", [wrong[0]])
    return kinds[0] == kind
