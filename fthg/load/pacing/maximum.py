"""The rate `max`: as fast as answers come."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Optional

from .pacer import Pacer


@dataclass(frozen=True)
class Maximum(Pacer):
    """No schedule: each sender takes the next file as soon as it is free (closed model only)."""

    text: str = "max"

    @classmethod
    def read(cls, value: Any) -> Optional[Maximum]:
        """Read the word `max`."""
        return cls() if isinstance(value, str) and value.strip().lower() == "max" else None

    def due(self, arrival: int) -> int:  # noqa: ARG002 - all are
        """Return 0: every arrival is due at once."""
        return 0

    def rate_at(self, time: int) -> Optional[Fraction]:  # noqa: ARG002 - there is no target
        """Return None."""
        return None

    def seconds(self, arrivals: int) -> Fraction:  # noqa: ARG002 - there is no target
        """Return 0: no number of arrivals has a scheduled time."""
        return Fraction(0)
