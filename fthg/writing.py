"""Names of the files that a run writes: they may hold its date, time and id."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import NamedTuple


class Stamp(NamedTuple):
    """A run's id, and when it began, as they stand in names."""

    run: str
    date: str  # 2026-01-31
    time: str  # 140259

    @classmethod
    def at(cls, now: datetime) -> Stamp:
        """Stamp a run that begins now, with an id of its own."""
        run = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        return cls(run, f"{now:%Y-%m-%d}", f"{now:%H%M%S}")

    def fill(self, path: str) -> str:
        """Replace `{date}`, `{time}` and `{run}` in a path."""
        return re.sub(r"\{(date|time|run)\}", lambda name: getattr(self, name[1]), path)
