"""The base class of the outputs: console, file and syslog."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable

from ..clock import Clock
from .entry import LogEntry
from .repeats import RepeatFilter


class LogOutput(ABC):
    """A receiver of log entries, which writes them.

    It leaves out repeated warnings, unless its level is info or lower: then every line is wanted.
    """

    where: str = "console"
    run: str = ""  # the id that each JSON line names
    lost: int = 0  # lines that could not be written
    patience: float = 2.0  # seconds that `close` may wait for what hangs

    def __init__(self, level: int, clock: Clock) -> None:
        self.level = level
        self._clock = clock
        self._repeats = RepeatFilter() if level >= logging.WARNING else None

    def take(self, entry: LogEntry) -> None:
        """Write an entry, or count it if it repeats one."""
        if self._repeats and entry.level >= logging.WARNING:
            self._write_all(self._repeats.admit(entry, self._clock.now()))
        else:
            self.write(entry)

    def tick(self) -> None:
        """Write the counts of repeated warnings that are due."""
        if self._repeats:
            self._write_all(self._repeats.due(self._clock.now()))

    def reopen(self) -> None:  # noqa: B027 - a terminal cannot
        """Open the destination again, if it can have been moved away."""

    def release(self) -> None:
        """Write the remaining counts of repeated warnings."""
        if self._repeats:
            self._write_all(self._repeats.rest(self._clock.now()))

    def close(self) -> None:
        """Write the remaining counts; no entry is accepted after that."""
        self.release()

    def _write_all(self, entries: Iterable[LogEntry]) -> None:
        for entry in entries:
            self.write(entry)

    @abstractmethod
    def write(self, entry: LogEntry) -> None:
        """Write one entry; never raises."""
