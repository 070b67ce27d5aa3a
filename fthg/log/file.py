"""Log lines in a file that logrotate may move away at any time, written by a thread."""

from __future__ import annotations

import logging
import os

from ..clock import SECOND, Clock
from ..writing import is_descriptor
from ..writing.lines import FAILED, KEPT, RECOVERED, LineFile
from .entry import LogEntry
from .events import Log
from .formats import FORMATS
from .output import LogOutput
from .settings import FileSettings

_log = Log(__name__)

_BACKLOG = 4 * 1024 * 1024
_PAUSE = 0.05  # seconds for which lines are gathered: waking the thread for each would cost more


class FileOutput(LogOutput):
    """An output to a file, which several processes can share; no disk and no reader delays a line.

    Raises StartError if it cannot be opened. While lines cannot be written up to 4 MiB of them
    wait, further ones are counted. A failure is logged once; the file itself names lost lines.
    """

    def __init__(self, settings: FileSettings, clock: Clock, backlog: int = _BACKLOG) -> None:
        super().__init__(settings.level, clock)
        path = settings.path
        self._path = self.where = path if is_descriptor(path) else os.path.abspath(path)
        self._format = FORMATS[settings.format]
        self._backlog = backlog
        self._unsaid = 0  # lost lines that the file does not name so far
        self._closed = False
        moved = _Moved(self._path, clock)
        self._file = LineFile(self._path, "log file", backlog, moved=moved, pause=_PAUSE)

    def write(self, entry: LogEntry) -> None:
        """Append one line, or count it as lost if too much waits."""
        if self._closed or (self._say_what_was_lost(entry.utc) and self._put(entry)):
            return
        self.lost += 1
        self._unsaid += 1
        if self._unsaid == 1:  # set before the line comes back to this very output
            _log.error("log file takes no more lines; they are lost", path=self._path)

    def tick(self) -> None:
        """Write what is due, and log what happened to the file."""
        super().tick()
        self._say_what_was_lost(self._clock.utc())
        self._report()

    def reopen(self) -> None:
        """Open the path again; if that fails, keep the old file, wherever it is now."""
        self._file.reopen()

    def close(self) -> None:
        """Write the remaining lines and close the file, within `patience`."""
        super().close()
        self._say_what_was_lost(self._clock.utc())
        self._closed = True
        self.lost += self._file.close(self.patience)
        self._report()

    def _put(self, entry: LogEntry) -> bool:
        return self._file.put(f"{self._format(entry)}\n".encode("utf-8", "backslashreplace"))

    def _say_what_was_lost(self, utc: int) -> bool:
        """Name the lost lines where they would have been; return False if there is no room."""
        if not self._unsaid:
            return True
        # Not at the first free byte: a reader that is slow would bring one such line after another.
        if self._file.waiting > self._backlog // 2:
            return False
        fields = {"lost": self._unsaid}
        entry = LogEntry(
            utc,
            logging.ERROR,
            __name__,
            "log lines were lost",
            fields,
            run=self.run,
            pid=os.getpid(),
        )
        if not self._put(entry):
            return False
        self._unsaid = 0
        return True

    def _report(self) -> None:
        for what, reason in self._file.notices():
            if what == FAILED:
                _log.error(
                    "log file cannot be written; lines wait in memory",
                    path=self._path,
                    error=reason,
                )
            elif what == RECOVERED:
                _log.warning("log file is written again", path=self._path, lost=self.lost)
            elif what == KEPT:
                _log.error(
                    "log file cannot be opened again; writing goes on in the old one",
                    path=self._path,
                    error=reason,
                )


class _Moved:
    """Checks whether a path leads to another file than the one that is open; called by a thread."""

    def __init__(self, path: str, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._looked = clock.now()

    def __call__(self, fd: int) -> bool:
        # Once a second is enough: until then, lines go into the file that was moved.
        now = self._clock.now()
        if now - self._looked < SECOND:
            return False
        self._looked = now
        try:
            return not os.path.samestat(os.stat(self._path), os.fstat(fd))
        except OSError:
            return True
