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
    if not any(max(levels) > 1 or min(levels) == 1 for levels in _levels(found)):
        raise vol.Invalid(f"{found.text!r} has no whole sender at any time")
    return found


def most_senders(found: Union[int, Stages]) -> int:
    """Return the most senders that there are at any time."""
    if isinstance(found, int):
        return found
    return int(max(map(max, _levels(found))))


def _levels(found: Stages) -> list[tuple[Fraction, Fraction]]:
    """Return the numbers of senders at the beginning and the end of each stage."""
    none = Fraction(0)
    return [(step.first or none, step.last or none) for step in found.steps]
