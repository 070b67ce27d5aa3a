"""What console, file and syslog have in common."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Iterable

from ..clock import Clock
from .entry import Mask, Told, ours, told
from .events import TRACE
from .repeats import Fold


class Output(logging.Handler):
    """Tells records in its own way; folds repeated warnings unless every line is wanted."""

    where: str = "console"
    lost: int = 0  # lines that could not be told

    def __init__(self, level: int, mask: Mask, clock: Clock) -> None:
        super().__init__(level)
        self._mask = mask
        self._clock = clock
        self._fold = Fold() if level >= logging.WARNING else None

    def handle(self, record: logging.LogRecord) -> bool:
        """Tell the record; what libraries say is told at trace only."""
        # The base class takes a lock here. One greenlet runs at a time and every line is written
        # in one piece; with the lock, a greenlet killed in mid-line could stop all logging.
        if self.level <= TRACE or ours(record.name):
            ready = told(record, self._mask)
            if self._fold and record.levelno >= logging.WARNING:
                self._write_all(self._fold.admit(ready, self._clock.now()))
            else:
                self.write(ready)
        return True

    def tick(self) -> None:
        """Tell what is due of folded warnings."""
        if self._fold:
            self._write_all(self._fold.due(self._clock.now()))

    def reopen(self) -> None:
        """Open anew what may have been moved away."""

    def close(self) -> None:
        """Tell the rest; nothing is told any more after that."""
        if self._fold:
            self._write_all(self._fold.rest(self._clock.now()))
        super().close()

    def _write_all(self, lines: Iterable[Told]) -> None:
        for line in lines:
            self.write(line)

    @abstractmethod
    def write(self, line: Told) -> None:
        """Put one line out; never raises."""
