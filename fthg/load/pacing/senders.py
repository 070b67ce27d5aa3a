"""The senders of the closed model: a number of them, or stages of their number."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Union

import voluptuous as vol

from ...config import values
from .stages import Stages, read_stages

_EXAMPLE = "10 for 5m, to 50 over 10m"
_number = values.whole(1)
_level = values.whole()


def senders(value: Any) -> Union[int, Stages]:
    """Read a number of senders, or stages: `10 for 5m, to 50 over 10m`."""
    steps = read_stages(value, lambda text: Fraction(_level(text)), _EXAMPLE)
    if steps is None:
        number: int = _number(value)
        return number
    found = Stages(steps)
    if not any(max(first, last) > 1 or min(first, last) == 1 for _, first, last in found.pieces):
        raise vol.Invalid(f"{found.text!r} has no whole sender at any time")
    return found


def most_senders(found: Union[int, Stages]) -> int:
    """Return the most senders that there are at any time."""
    if isinstance(found, int):
        return found
    return int(max(max(first, last) for _, first, last in found.pieces))
