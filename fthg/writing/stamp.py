"""Names of output files: they may contain the run's date, time and id."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import NamedTuple

from ..slices import WHOLE


class Stamp(NamedTuple):
    """The id of a run and its start, as they appear in file names: a field for each placeholder."""

    run: str
    date: str  # 2026-01-31
    time: str  # 140259
    slice: str = WHOLE.in_paths  # 3-of-10

    @classmethod
    def at(cls, now: datetime) -> Stamp:
        """Stamp a run that starts now, with a new id."""
        run = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        return cls(run, f"{now:%Y-%m-%d}", f"{now:%H%M%S}")

    def fill(self, path: str) -> str:
        """Replace `{date}`, `{time}`, `{run}` and `{slice}` in a path."""
        placeholders = "|".join(self._fields)
        return re.sub(rf"\{{({placeholders})\}}", lambda match: getattr(self, match[1]), path)
