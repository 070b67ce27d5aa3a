"""One arrival of a job, and the attempt to send its file: whatever happens is a Result."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple, Optional

import gevent

from ..clock import SECOND, Clock
from ..errors import TransferError
from ..log import Log
from ..protocols.base import Sender
from ..protocols.content import state_of, unreadable
from ..transfer import Result, Sent, Transfer
from ..units import show_duration
from .files.locate import find
from .files.source import Source
from .files.templates import Templates

_log = Log(__name__)

_NOTHING = Sent(None, 0, {})


class Arrival(NamedTuple):
    """One turn of the schedule: a file, and the time when it was due."""

    job: str
    seq: int
    uuid: str
    due: int
    path: Optional[str]  # None: the directory had no file, or files are generated
    name: Optional[str]  # as people and placeholders see it

    def result(
        self,
        outcome: str,
        start: Optional[int] = None,
        end: Optional[int] = None,
        size: Optional[int] = None,
        sent: Sent = _NOTHING,
        error: Optional[str] = None,
        detail: Optional[str] = None,
    ) -> Result:
        """Return its result; `start` and `end` are readings of the run's clock."""
        return Result(
            self.job,
            self.seq,
            self.uuid,
            self.name,
            size,
            outcome,
            self.due,
            start,
            end,
            sent.code,
            error,
            detail,
            sent.bytes,
            sent.phases,
            sent.peer,
        )


def attempt(arrival: Arrival, start: int, sender: Sender, clock: Clock, source: Source) -> Result:
    """Send the file; errors, a bug in the sender, and being killed are results like success."""
    size: Optional[int] = None
    try:
        transfer = _transfer(arrival, clock, source)
        size = transfer.size
        if arrival.name is None:  # it is made for this transfer, and so is its name
            arrival = arrival._replace(name=transfer.name)
        sent = sender.send(transfer)
    except TransferError as error:
        return _failed(arrival, start, clock.now(), size, error)
    except gevent.GreenletExit:
        return arrival.result("cancelled", start, clock.now(), size, detail="stopped")
    except Exception as error:  # noqa: BLE001 - a bug must not lose a result or end the run
        _log.error("unexpected error in a sender", job=arrival.job, error=repr(error))
        _log.debug("where it happened", job=arrival.job, exc_info=error)
        return _failed(arrival, start, clock.now(), size, TransferError("internal", repr(error)))
    return arrival.result("ok", start, clock.now(), size, sent)


def _transfer(arrival: Arrival, clock: Clock, source: Source) -> Transfer:
    job, seq, uuid, _, path, name = arrival
    if source.generate is not None:
        return source.generate.transfer(job, seq, uuid, clock.utc())
    if path is None or name is None:
        raise TransferError("no_file", "the directory holds no file to send now")
    try:
        if source.access.local:  # without another call: it is done for each transfer
            path, found = find(source, path)
        else:
            path, found = source.access(partial(find, source, path))
    except OSError as error:
        raise unreadable(path, error) from None
    utc = clock.utc()
    if source.min_age:
        _refuse_young(path, (utc - found.st_mtime_ns) / SECOND, source.min_age)
    transfer = Transfer(
        job,
        seq,
        uuid,
        path,
        name,
        found.st_size,
        utc,
        state_of(found),
        source.folder,
        source.access,
    )
    return transfer if source.templates is None else _filled(transfer, source.templates)


def _filled(transfer: Transfer, templates: Templates) -> Transfer:
    try:
        return templates.fill(transfer)
    except OSError as error:
        raise unreadable(transfer.path, error) from None


def _refuse_young(path: str, age: float, least: float) -> None:
    """Raise TransferError for a file that was changed again since the directory was read."""
    if age < least:
        ages = f"{show_duration(max(0.0, age))} ago, and min_age is {show_duration(least)}"
        raise TransferError("no_file", f"{path!r} was changed {ages}")


def _failed(
    arrival: Arrival, start: int, end: int, size: Optional[int], error: TransferError
) -> Result:
    sent = Sent(error.code, error.sent, error.phases, error.peer)
    if error.kind == "no_file":  # nothing was started
        return arrival.result("failed", error=error.kind, detail=error.detail)
    return arrival.result("failed", start, end, size, sent, error.kind, error.detail)
