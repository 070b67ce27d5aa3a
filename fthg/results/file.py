"""The results file: a line of JSON for every transfer, written beside the run, never in its way."""

from __future__ import annotations

import errno
import os
from typing import Optional

import gevent
from gevent.lock import RLock
from gevent.threadpool import ThreadPool

from ..clock import Clock
from ..errors import StartError
from ..log import Log
from ..transfer import Result
from .appending import append, is_deleted
from .write import result_lines

STANDARD_OUTPUT = "-"

_PERIOD = 0.5
_AT_ONCE = 64  # results of which lines are made at once: a pause that no transfer feels
_BACKLOG = 16 * 1024 * 1024
_log = Log(__name__)


class ResultsFile:
    """Appends lines to a file, or to standard output for `-`; StartError if it cannot be opened.

    Lines are gathered and written twice a second by a thread of their own, so that a slow disk or
    a paused pipe delays no transfer. While they cannot be written (disk full) up to 16 MiB of them
    wait; what goes beyond is counted in `lost`. A failure is logged once, and so is its end. A file
    that somebody deletes is made again.
    """

    def __init__(self, path: str, run: str, clock: Clock, backlog: int = _BACKLOG) -> None:
        self.path = path
        self.lost = 0
        self._run = run
        self._clock = clock
        self._backlog = backlog
        self._fd = _open(path)
        self._fresh: list[Result] = []  # no lines yet
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._cut = _ends_within_a_line(path)  # what is written next must begin a new line
        self._failed = False
        self._lock = RLock()
        self._threads = ThreadPool(1)
        self._ticking = gevent.spawn(self._tick)

    def write(self, result: Result) -> None:
        """Add a line; it is in the file within a second."""
        self._fresh.append(result)
        if len(self._fresh) >= _AT_ONCE:
            self._put_down()

    def _put_down(self) -> None:
        """Make lines of what is fresh."""
        results, self._fresh = self._fresh, []
        offset = self._clock.utc() - self._clock.now()
        for line in result_lines(results, self._run, offset):
            if self._waiting_bytes + len(line) > self._backlog:
                self.lost += 1
            else:
                self._waiting.append(line)
                self._waiting_bytes += len(line)

    def _tick(self) -> None:
        while True:
            gevent.sleep(_PERIOD)
            self.flush()

    def flush(self) -> None:
        """Write all lines that wait, if that is possible now."""
        with self._lock:
            self._put_down()
            if not self._waiting:
                return
            lines, self._waiting = self._waiting, []
            error = self._replace_deleted()
            if error is None:
                done = self._threads.apply(append, (self._fd, lines, self._cut))
                lines, self._cut, error = done
            self._waiting[:0] = lines
            self._waiting_bytes = sum(map(len, self._waiting))
            self._tell(error)

    def _replace_deleted(self) -> Optional[OSError]:
        """Go on in a new file if the present one is deleted; the error if that cannot be made."""
        if self.path == STANDARD_OUTPUT or not self._threads.apply(is_deleted, (self._fd,)):
            return None
        try:
            self._take(_create(self.path))
        except OSError as error:
            return error
        _log.warning("the results file was deleted; a new one is begun", file=self.path)
        return None

    def _tell(self, error: Optional[OSError]) -> None:
        if error and not self._failed:
            _log.error(
                "results cannot be written; they wait in memory, the run goes on",
                file=self.path,
                reason=error.strerror,
            )
        elif self._failed and not error:
            _log.warning("results are written again", file=self.path, lost=self.lost)
        self._failed = error is not None

    def reopen(self) -> None:
        """Go on in a new file of the same name, as after a rotation; the old one is kept in use if
        that fails."""
        with self._lock:
            if self.path == STANDARD_OUTPUT:
                return
            self.flush()
            try:
                self._take(_open(self.path))
            except StartError as error:
                _log.error("the results file stays the old one", reason=str(error))

    def _take(self, fd: int) -> None:
        os.close(self._fd)
        self._fd = fd
        self._cut = _ends_within_a_line(self.path)

    def close(self) -> None:
        """Write what waits, and close; lines that cannot be written count as lost."""
        with self._lock:  # so that no write is cut off with the greenlet
            self._ticking.kill()
            self.flush()
            self.lost += len(self._waiting)
            self._waiting = []
            if self.path != STANDARD_OUTPUT:
                os.close(self._fd)
        self._threads.kill()
        if self.lost:
            _log.error("results were lost", file=self.path, lines=self.lost)


def _open(path: str) -> int:
    if path == STANDARD_OUTPUT:
        return 1
    try:
        return _create(path)
    except OSError as error:
        raise StartError(
            f"results file {path} cannot be opened: {error.strerror}; {remedy(path, error)}"
        ) from None


def _create(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)


def remedy(path: str, error: OSError) -> str:
    """What helps when an output file cannot be written."""
    directory = os.path.dirname(path) or "."
    if error.errno == errno.ENOENT:
        return f"create the directory {directory}, or name a file elsewhere"
    if error.errno == errno.EISDIR:
        return "name a file in that directory"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"let this user write in {directory}, or name a file elsewhere"
    return "name a file elsewhere"


def _ends_within_a_line(path: str) -> bool:
    """True if an earlier run was cut off there; also where that cannot be read."""
    if path == STANDARD_OUTPUT or not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - 1))
            return file.read(1) not in (b"", b"\n")
    except OSError:
        return True
