"""Two log lines for each outage."""

from __future__ import annotations

from ...clock import SECOND, Clock
from ...log import Log
from ...text import utc_clock
from ...units import show_duration
from ..plan import Plan
from ..stats.outages import Outage
from ..stats.snapshot import RunSnapshot
from .output import Output, Surroundings

_log = Log(__name__)


class OutageLog(Output):
    """Logs, as warnings, when an outage began and ended, and at the end those that have not."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> OutageLog:  # noqa: ARG003
        """Return one for any plan."""
        return cls(around.clock)

    def outage(self, outage: Outage) -> None:
        """Log that an outage began or ended."""
        if outage.end is not None:
            _log_outage(outage, "outage ended", "after")
            return
        began = self._clock.utc_offset() + outage.start
        # With its time in the detail, the next one is never taken for a repetition of this one.
        detail = f"since {utc_clock(began)}: {outage.detail}"
        _log.warning("outage began", job=outage.job, kind=outage.kind, detail=detail)

    def end(self, snapshot: RunSnapshot) -> None:
        """Log the outages of a run, not of results files, that have not ended."""
        for outage in () if snapshot.reading else snapshot.outages.listed:
            if outage.end is None:
                _log_outage(outage, "outage has not ended", "for")


def _log_outage(outage: Outage, event: str, word: str) -> None:
    seconds = outage.length / SECOND
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in outage.kinds.items())
    detail = f"{word} {show_duration(seconds)}, {outage.failed:,} transfers failed: {kinds}"
    _log.warning(
        event, job=outage.job, detail=detail, lasted=round(seconds, 6), failed=outage.failed
    )
