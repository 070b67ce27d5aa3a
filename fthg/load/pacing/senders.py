"""The senders of the closed model: a number of them, or stages of their number."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Union

import voluptuous as vol

from ...config import values
from .stages import Stages, read_stages, stage_texts

_whole = values.whole(1)


def senders(value: Any) -> Union[int, Stages]:
    """Read a number of senders, or stages: `10 for 5m, to 50 over 10m`."""
    texts = stage_texts(value)
    if texts is None:
        number: int = _whole(value)
        return number
    found = Stages(tuple(read_stages(texts, _number)))
    if not most_senders(found):
        raise vol.Invalid(f"{found.text!r} has no sender at any time")
    return found


def most_senders(found: Union[int, Stages]) -> int:
    """Return the most senders that there are at any time."""
    if isinstance(found, int):
        return found
    return int(max(max(step.first or 0, step.last or 0) for step in found.steps))


def _number(text: str) -> Fraction:
    try:
        return Fraction(_whole(text))
    except vol.Invalid as error:
        raise ValueError(str(error)) from None
