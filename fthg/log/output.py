"""The base class of the outputs: console, file and syslog."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Iterable

from ..clock import Clock
from .entry import LogEntry, Mask, is_from_fthg, make_entry
from .events import TRACE
from .repeats import RepeatFilter

"""Returns the id of this thread; gevent's function returns that of the greenlet."""


class LogOutput(logging.Handler):
    """A handler that writes log entries.

    It leaves out repeated warnings, unless its level is info or lower: then every line is wanted.
    """

    where: str = "console"
    run: str = ""  # the id that each JSON line names
    lost: int = 0  # lines that could not be written
    patience: float = 2.0  # seconds that `close` may wait for what hangs

    def __init__(self, level: int, mask: Mask, clock: Clock) -> None:
        super().__init__(level)
        self._mask = mask
        self._clock = clock
        self._repeats = RepeatFilter() if level >= logging.WARNING else None

    def handle(self, record: logging.LogRecord) -> bool:
        """Write the record; records of libraries are written at level trace only."""
        # The base class takes a lock here. One greenlet runs at a time and every line is written
        # in one piece; with the lock, a greenlet killed in mid-line could stop all logging.
        if self.level <= TRACE or is_from_fthg(record.name):
            entry = make_entry(record, self._mask, self.run)
            if self._repeats and record.levelno >= logging.WARNING:
                self._write_all(self._repeats.admit(entry, self._clock.now()))
            else:
                self.write(entry)
        return True

    def tick(self) -> None:
        """Write the counts of repeated warnings that are due."""
        if self._repeats:
            self._write_all(self._repeats.due(self._clock.now()))

    def reopen(self) -> None:
        """Open the destination again, if it can have been moved away."""

    def release(self) -> None:
        """Write the remaining counts of repeated warnings."""
        if self._repeats:
            self._write_all(self._repeats.rest(self._clock.now()))

    def close(self) -> None:
        """Write the remaining counts; no record is accepted after that."""
        self.release()
        super().close()

    def _write_all(self, entries: Iterable[LogEntry]) -> None:
        for entry in entries:
            self.write(entry)

    @abstractmethod
    def write(self, entry: LogEntry) -> None:
        """Write one entry; never raises."""
