"""The files that one process sends for a job, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Optional

from gevent.lock import BoundedSemaphore

from .arrival import Arrival
from .files import locate
from .plan import Job
from .uuids import uuids

Turn = tuple[int, Optional[str]]
"""The number of a file in its job, and its name; None: the directory had no file."""


class Turns:
    """The turns of this process's slice of a job; several senders may take them."""

    def __init__(self, job: Job, names: Iterator[Optional[str]]) -> None:
        self._job = job
        self._turns = self._numbered(names)
        self._returned: list[Turn] = []
        self._exhausted = False
        self._taking = BoundedSemaphore()
        self._uuids = uuids()

    @property
    def over(self) -> bool:
        """True once the last one was taken."""
        return self._exhausted and not self._returned

    def take(self) -> Optional[Turn]:
        """Return the next one; None after the last."""
        with self._taking:  # where a directory is read again, others must wait for it
            if self._returned:
                return self._returned.pop()
            turn = next(self._turns, None)
            self._exhausted = turn is None
            return turn

    def give_back(self, turn: Turn) -> None:
        """Let another sender have a turn for which it became too late."""
        self._returned.append(turn)

    def arrival(self, turn: Turn, due: int) -> Arrival:
        """Return the arrival that sends the file of a turn."""
        seq, name = turn
        path, shown = (None, None) if name is None else locate(self._job.source, name)
        return Arrival(self._job.name, seq, next(self._uuids), due, path, shown)

    def _numbered(self, names: Iterator[Optional[str]]) -> Iterator[Turn]:
        part, of = self._job.slice
        for seq, name in islice(enumerate(names), part, None, of):
            if self._job.count is not None and seq >= self._job.count:
                return
            yield seq, name
