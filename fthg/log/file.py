"""Log lines in a file that logrotate may move away at any time."""

from __future__ import annotations

import errno
import os

from ..clock import SECOND, Clock
from ..errors import StartError
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
        self._path = self.where = os.path.abspath(settings.path)
        self._format = FORMATS[settings.format]
        self._looked = clock.now()
        self._torn = False  # the last line was cut off by a full disk
        self._complained = False
        self._lost = 0
        self._file = _CLOSED
        try:
            self._file = _open(self._path)
        except OSError as error:
            self.close()
            raise StartError(_hint(settings.path, error)) from None

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
        try:
            fresh = _open(self._path)
        except OSError as error:
            self._complain("log file cannot be opened again; writing goes on in the old one", error)
            return
        old, self._file = self._file, fresh
        self._complained = self._torn = False
        if old != _CLOSED:
            os.close(old)

    def close(self) -> None:
        """Write the remaining lines and close the file."""
        super().close()
        file, self._file = self._file, _CLOSED
        if file != _CLOSED:
            os.close(file)

    def _follow(self) -> None:
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
        if self._torn:
            data = b"\n" + data
        try:
            written = os.write(self._file, data)
            if written < len(data):
                self._torn = self._torn or written > 0
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            self._lost += 1
            self.lost += 1
            self._complain("log file cannot be written; lines are lost", error)
            return False
        self._torn = False
        return True

    def _complain(self, event: str, error: OSError) -> None:
        if not self._complained:
            self._complained = True  # before the line comes back to this very output
            _log.error(event, path=self._path, error=error.strerror)


def _open(path: str) -> int:
    # Not blocking: a named pipe that nobody reads is an error, not a program that never starts.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
    return os.open(path, flags, 0o640)


def _lost_lines(after: LogEntry, lost: int) -> LogEntry:
    return after._replace(
        logger=__name__,
        event="log lines were lost",
        fields={"lost": lost},
        traceback="",
        more=0,
    )


def _hint(path: str, error: OSError) -> str:
    directory = os.path.dirname(os.path.abspath(path))
    remedy = {
        errno.ENOENT: f"create the directory {directory}",
        errno.ENOTDIR: f"{directory} is not a directory",
        errno.EISDIR: "name a file, not a directory",
        errno.ENXIO: "it is a pipe that nobody reads",
    }.get(error.errno or 0, "give this user the right to write there, or name another file")
    return f"log file {path} cannot be opened: {error.strerror}; {remedy}"
