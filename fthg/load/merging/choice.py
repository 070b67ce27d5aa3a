"""The choice of the results that count."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple, Optional

from ...results.recorded import Recorded


class Choice(NamedTuple):
    """The run and the jobs whose results count: all, unless some are named."""

    run: Optional[str] = None  # an id
    jobs: Sequence[str] = ()  # names, or patterns for them

    @property
    def takes_all(self) -> bool:
        """True if every result counts."""
        return self.run is None and not self.jobs

    def takes(self, found: Recorded) -> bool:
        """Return True if a result is among them."""
        if self.run is not None and found.run != self.run:
            return False
        job = found.result.job
        return not self.jobs or any(fnmatchcase(job, pattern) for pattern in self.jobs)
