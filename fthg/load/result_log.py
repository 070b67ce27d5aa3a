"""What the log tells of each transfer."""

from __future__ import annotations

import logging
from typing import Any

from ..clock import SECOND
from ..log import Log
from ..transfer import Result
from ..units import show_duration

_log = Log(__name__)


def log_result(result: Result) -> None:
    """Tell of one result: at info what went well, as a warning what did not."""
    if result.outcome in ("failed", "dropped"):
        _log.warning(result.outcome, **_fields(result))
    elif _log.enabled(logging.INFO):
        _log.info(result.outcome, **_fields(result))


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
