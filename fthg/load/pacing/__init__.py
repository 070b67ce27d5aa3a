"""The kinds of pacers, which say when arrivals are due; `rate:` chooses one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from ...config.shapes import either, shaped
from .constant import Constant
from .day import DayProfile
from .maximum import Maximum
from .pacer import Continuous, Pacer, Span
from .poisson import Poisson
from .replay import Replay
from .senders import most_senders, senders
from .stages import Stages

__all__ = [
    "PACERS",
    "Continuous",
    "Pacer",
    "Poisson",
    "Span",
    "Stages",
    "most_senders",
    "pacer",
    "senders",
]

PACERS: Mapping[str, type[Pacer]] = {
    "max": Maximum,
    "day": DayProfile,
    "replay": Replay,
    "stages": Stages,
    "constant": Constant,
}
"""Name → Pacer. The first that reads a value of `rate:` is taken; the last reads any text."""


_SHAPE = either(
    {"type": "string"},
    {"type": "array", "items": {"type": "string"}},
    {"type": "object"},
)


@shaped(_SHAPE)
def pacer(value: Any) -> Pacer:
    """Read `rate:` as the schema does: Invalid says what would be right."""
    try:
        found = next(filter(None, (kind.read(value) for kind in PACERS.values())), None)
    except ValueError as error:
        raise vol.Invalid(str(error)) from None
    assert found is not None  # noqa: S101 - the last one reads any text, or raises
    return found
