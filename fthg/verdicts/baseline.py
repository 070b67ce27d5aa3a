"""The comparison of figures with those of an earlier run."""

from __future__ import annotations

from typing import NamedTuple, Optional


class Change(NamedTuple):
    """One figure before and now, in the same unit."""

    figure: str  # such as `transit p95`
    unit: str  # count, share (0 to 1), time (seconds), size (bytes) or rate (a second)
    before: Optional[float]  # None: no value
    now: Optional[float]
    worse: Optional[bool] = None  # True if the difference is for the worse, None if there is none

    @property
    def change(self) -> Optional[float]:
        """Return the difference as a share of `before`; None where there is none."""
        if self.before is None or self.now is None or not self.before:
            return None
        return self.now / self.before - 1
