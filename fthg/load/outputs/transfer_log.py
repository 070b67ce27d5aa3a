"""What the log tells of each transfer."""

from __future__ import annotations

import logging
from typing import Any

from ...clock import SECOND
from ...log import Log
from ...text import utc_clock
from ...transfer import Result
from ...units import show_duration
from ..stats.outages import Outage

_log = Log(__name__)


def log_result(result: Result, outage: bool = False) -> None:
    """Tell of one result: at info what went well, as a warning what did not.

    Within an `outage` that was told, what does not go well is told at debug.
    """
    well = result.outcome not in ("failed", "dropped")
    if outage and not well:
        if _log.enabled(logging.DEBUG):
            _log.debug(result.outcome, **_fields(result))
    elif not well:
        _log.warning(result.outcome, **_fields(result))
    elif _log.enabled(logging.INFO):
        _log.info(result.outcome, **_fields(result))


def log_outage(outage: Outage, result: Result, utc: int) -> None:
    """Tell that an outage began or ended by a result; `utc` is when it began."""
    if outage.end is None:
        # With its time in the detail, the next one is never folded into this one.
        detail = f"since {utc_clock(utc)}: {result.detail}"
        _log.warning("outage began", job=outage.job, kind=result.error, detail=detail)
    else:
        _tell(outage, "outage ended", "after")


def log_unended(outage: Outage) -> None:
    """Tell of an outage that is there at the end of the run."""
    _tell(outage, "outage has not ended", "for")


def _tell(outage: Outage, event: str, word: str) -> None:
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
