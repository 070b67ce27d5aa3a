"""A log line for each transfer and standstill, and two for each outage."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from ...clock import SECOND, Clock
from ...log import Log
from ...standstill import Standstill
from ...text import utc_clock
from ...transfer import Result
from ...units import show_duration
from ..plan import Plan
from ..standstills import log_standstill
from ..stats.outages import Outage
from ..stats.snapshot import RunSnapshot
from .output import Output, Surroundings

_log = Log(__name__)


class TransferLog(Output):
    """Logs successes at info and failures as warnings; those within an outage at debug only."""

    per_process = True

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._out: set[str] = set()  # jobs with an outage

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> TransferLog:  # noqa: ARG003
        """Return one for any plan: the level of the log decides what is written."""
        return cls(around.clock)

    def record(self, results: Sequence[Result]) -> None:
        """Log each result."""
        for result in results:
            _log_result(result, outage=result.job in self._out)

    def outage(self, outage: Outage, result: Result) -> None:
        """Log that an outage began or ended."""
        if outage.end is not None:
            self._out.discard(outage.job)
            _log_outage(outage, "outage ended", "after")
            return
        self._out.add(outage.job)
        began = self._clock.utc() - self._clock.now() + outage.start
        # With its time in the detail, the next one is never taken for a repetition of this one.
        detail = f"since {utc_clock(began)}: {result.detail}"
        _log.warning("outage began", job=outage.job, kind=result.error, detail=detail)

    def standstill(self, standstill: Standstill) -> None:
        """Log it."""
        log_standstill(standstill, self._clock)

    def end(self, snapshot: RunSnapshot) -> None:
        """Log the outages that have not ended."""
        for outage in snapshot.outages.listed:
            if outage.end is None:
                _log_outage(outage, "outage has not ended", "for")


def _log_result(result: Result, outage: bool) -> None:
    if result.outcome not in ("failed", "dropped"):
        if _log.enabled(logging.INFO):
            _log.info(result.outcome, **_fields(result))
    elif not outage:
        _log.warning(result.outcome, **_fields(result))
    elif _log.enabled(logging.DEBUG):
        _log.debug(result.outcome, **_fields(result))


def _log_outage(outage: Outage, event: str, word: str) -> None:
    seconds = outage.length / SECOND
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in outage.kinds.items())
    detail = f"{word} {show_duration(seconds)}, {outage.failed:,} transfers failed: {kinds}"
    _log.warning(
        event, job=outage.job, detail=detail, lasted=round(seconds, 6), failed=outage.failed
    )


def _fields(result: Result) -> dict[str, Any]:
    fields: dict[str, Any] = {"job": result.job, "file": result.name}
    if result.error:
        fields["kind"] = result.error
    if result.detail:
        fields["detail"] = result.detail
    if result.code is not None:
        fields["code"] = result.code
    if result.start is not None and result.end is not None:
        fields["size"] = result.size
        fields["service"] = show_duration((result.end - result.start) / SECOND)
        fields["lateness"] = show_duration((result.start - result.due) / SECOND)
        if _log.enabled(logging.DEBUG):
            fields.update((name, show_duration(time)) for name, time in result.phases.items())
    fields.update(seq=result.seq, uuid=result.uuid)
    return fields
