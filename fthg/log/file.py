"""Log lines in a file that logrotate may move away at any time."""

from __future__ import annotations

import os

from ..clock import SECOND, Clock
from ..writing import is_descriptor, unwritable
from ..writing.appending import append_line, ends_within_line, open_appending
from .entry import LogEntry, Mask
from .events import Log
from .formats import FORMATS
from .output import LogOutput
from .settings import FileSettings

_log = Log(__name__)

_CLOSED = -1


class FileOutput(LogOutput):
    """An output to a file: one write for each line, so that several processes can share it.

    Raises StartError if it cannot be opened; later failures are logged once, lost lines counted.
    """

    def __init__(self, settings: FileSettings, mask: Mask, clock: Clock) -> None:
        super().__init__(settings.level, mask, clock)
        path = settings.path
        self._has_name = not is_descriptor(path)  # else it cannot be rotated
        self._path = self.where = os.path.abspath(path) if self._has_name else path
        self._format = FORMATS[settings.format]
        self._looked = clock.now()
        self._complained = False
        self._lost = 0
        self._file = _CLOSED
        try:
            self._file = open_appending(self._path, blocking=False)
        except OSError as error:
            self.close()
            raise unwritable(settings.path, error, "log file ") from None
        self._torn = ends_within_line(self._file)  # the next line must begin a new one

    def write(self, entry: LogEntry) -> None:
        """Append one line, or count it as lost if the disk is full."""
        if self._file == _CLOSED:
            return
        self._follow()
        written = self._append(f"{self._format(entry)}\n")
        if written and self._lost:
            lost, self._lost = self._lost, 0
            self._append(f"{self._format(_lost_lines(entry, lost))}\n")

    def reopen(self) -> None:
        """Open the path again; if that fails, keep the old file, wherever it is now."""
        if not self._has_name:
            return
        try:
            fresh = open_appending(self._path, blocking=False)
        except OSError as error:
            self._complain("log file cannot be opened again; writing goes on in the old one", error)
            return
        old, self._file = self._file, fresh
        self._complained = False
        self._torn = ends_within_line(fresh)
        if old != _CLOSED:
            os.close(old)

    def close(self) -> None:
        """Write the remaining lines and close the file."""
        super().close()
        file, self._file = self._file, _CLOSED
        if file != _CLOSED:
            os.close(file)

    def _follow(self) -> None:
        if not self._has_name:
            return
        # Once a second is enough: until then, lines go into the file that was moved.
        now = self._clock.now()
        if now - self._looked < SECOND:
            return
        self._looked = now
        try:
            moved = not os.path.samestat(os.stat(self._path), os.fstat(self._file))
        except OSError:
            moved = True
        if moved:
            self.reopen()

    def _append(self, line: str) -> bool:
        data = line.encode("utf-8", "backslashreplace")
        _, self._torn, error = append_line(self._file, data, self._torn)
        if error:
            self._lost += 1
            self.lost += 1
            self._complain("log file cannot be written; lines are lost", error)
        return error is None

    def _complain(self, event: str, error: OSError) -> None:
        if not self._complained:
            self._complained = True  # before the line comes back to this very output
            _log.error(event, path=self._path, error=error.strerror)


def _lost_lines(after: LogEntry, lost: int) -> LogEntry:
    return after._replace(
        logger=__name__,
        event="log lines were lost",
        fields={"lost": lost},
        traceback="",
        more=0,
    )
