"""A log line for each transfer and standstill."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from ...clock import SECOND, Clock
from ...log import Log
from ...standstill import Standstill
from ...transfer import Result
from ...units import Seconds
from ..plan import Plan
from ..standstills import log_standstill
from ..stats.outages import Outage
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

    def outage(self, outage: Outage) -> None:
        """Log failures within it at debug."""
        if outage.end is None:
            self._out.add(outage.job)
        else:
            self._out.discard(outage.job)

    def standstill(self, standstill: Standstill) -> None:
        """Log it."""
        log_standstill(standstill, self._clock)


def _log_result(result: Result, outage: bool) -> None:
    if result.outcome not in ("failed", "dropped"):
        if _log.enabled(logging.INFO):
            _log.info(result.outcome, **_fields(result))
    elif not outage:
        _log.warning(result.outcome, **_fields(result))
    elif _log.enabled(logging.DEBUG):
        _log.debug(result.outcome, **_fields(result))


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
        if result.outcome == "failed":
            fields["sent"] = result.bytes
        fields["service"] = Seconds((result.end - result.start) / SECOND)
        fields["lateness"] = Seconds((result.start - result.due) / SECOND)
        if _log.enabled(logging.DEBUG):
            fields.update((name, Seconds(time)) for name, time in result.phases.items())
    if result.peer is not None:
        fields.update(remote=result.peer.remote, local_port=result.peer.local_port)
        if result.peer.connection is not None:
            fields["connection"] = result.peer.connection
    fields.update(seq=result.seq, uuid=result.uuid)
    return fields
