"""The turns in which one process sends the files of a job, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from typing import Optional

from gevent.lock import BoundedSemaphore

from ..clock import SECOND, Clock
from .arrival import Arrival
from .files.locate import locate
from .files.passes import passed_over
from .plan import Job
from .uuids import uuids

Turn = tuple[int, Optional[str]]
"""The number of a file in its job, and its name; None: the directory had no file yet."""


class Turns:
    """The turns of this process's slice of a job; several senders may take them."""

    def __init__(self, job: Job, names: Iterator[Optional[str]], clock: Clock) -> None:
        self._job = job
        self._names = names
        self._clock = clock
        self._turns = self._numbered()
        self._looked = 0  # when there was no file
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
        with self._taking:  # while a directory is read again, other senders must wait
            if self._returned:
                return self._returned.pop()
            turn = next(self._turns, None)
            self._exhausted = turn is None
            if turn and turn[1] is None:
                self._looked = self._clock.now()
            return turn

    def give_back(self, turn: Turn) -> None:
        """Return a turn that came too late, for another sender."""
        self._returned.append(turn)

    def arrival(self, turn: Turn, due: int) -> Arrival:
        """Return the arrival that sends the file of a turn: of one that is sent now."""
        seq, name = turn
        if name is None and self._clock.now() - self._looked >= SECOND:
            name = self._ready_meanwhile()
        path, shown = (None, None) if name is None else locate(self._job.source, name)
        return Arrival(self._job.name, seq, next(self._uuids), due, path, shown)

    def _ready_meanwhile(self) -> Optional[str]:
        """Look for a file once more: a turn is taken when the one before it was sent."""
        with self._taking:
            self._looked = self._clock.now()
            return next(self._names, None)

    def _numbered(self) -> Iterator[Turn]:
        first, of = self._job.first, self._job.slice.of
        for seq, name in zip(
            count(first, of), islice(passed_over(self._names, first), 0, None, of)
        ):
            if self._job.count is not None and seq >= self._job.count:
                return
            yield seq, name
