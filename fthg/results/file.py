"""The results file: a line of JSON for every transfer, written without delaying the run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Optional, Protocol, TypeVar

import gevent
from gevent.lock import RLock
from gevent.threadpool import ThreadPool

from ..clock import SECOND, Clock
from ..errors import StartError
from ..log import Log
from ..standstill import Slices, Standstill
from ..transfer import Result
from ..writing import is_descriptor, unwritable
from ..writing.appending import (
    Appended,
    append,
    ends_within_line,
    is_deleted,
    open_appending,
)
from .write import result_lines, standstill_line

_PERIOD = SECOND // 2
_AT_ONCE = 64  # results of which lines are made at once: too short a pause to delay a transfer
_CLOSE_TIMEOUT = 3.0  # seconds, however long the disk or the reader of a pipe takes
_BACKLOG = 16 * 1024 * 1024
_log = Log(__name__)

_T = TypeVar("_T")


class InThread(Protocol):
    """Makes a call that may block, one at a time, while other greenlets run."""

    def __call__(self, call: Callable[[], _T]) -> _T:
        """Return the result of the call."""


class ResultsFile:
    """Appends lines to a file, or to standard output for `-`; StartError if it cannot be opened.

    Lines are gathered and written twice a second in a thread, so that a slow disk or a paused pipe
    delays no transfer. While they cannot be written (disk full) up to 16 MiB of them wait; further
    ones are counted in `lost`. A failure is logged once, and so is its end. A file that somebody
    deletes is created again.
    """

    def __init__(
        self,
        path: str,
        run: str,
        clock: Clock,
        backlog: int = _BACKLOG,
        in_thread: Optional[InThread] = None,
        close_timeout: float = _CLOSE_TIMEOUT,
    ) -> None:
        self.path = path
        self.lost = 0
        self._run = run
        self._clock = clock
        self._backlog = backlog
        self._close_timeout = close_timeout
        self._has_name = not is_descriptor(path)  # else it can be neither deleted nor rotated
        self._fresh: list[Result] = []  # without lines so far
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._failed = False
        self._closed = False
        self._in_thread_now = 0  # lines
        self._lock = RLock()
        self._fd = open_results(path)
        self._torn = ends_within_line(self._fd)  # the next line must begin a new one
        self._threads = ThreadPool(1)
        self._in_thread: InThread = in_thread or self._threads.apply
        self._ticking = gevent.spawn(self._tick)

    def write(self, result: Result) -> None:
        """Add a line; it is in the file within a second."""
        self._fresh.append(result)
        if len(self._fresh) >= _AT_ONCE:
            self._make_lines()

    def write_standstill(self, standstill: Standstill, slices: Slices) -> None:
        """Add the line of a standstill; `slices` as for `standstill_line`."""
        self._make_lines()
        offset = self._clock.utc() - self._clock.now()
        self._add((standstill_line(standstill, self._run, offset, slices),))

    def _make_lines(self) -> None:
        results, self._fresh = self._fresh, []
        self._add(result_lines(results, self._run, self._clock.utc() - self._clock.now()))

    def _add(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            if self._waiting_bytes + len(line) > self._backlog:
                self.lost += 1
            else:
                self._waiting.append(line)
                self._waiting_bytes += len(line)

    def _tick(self) -> None:
        while True:
            self._clock.sleep_until(self._clock.now() + _PERIOD)
            self.flush()

    def flush(self) -> None:
        """Write all lines that wait, if that is possible now."""
        with self._lock:
            self._make_lines()
            if not self._waiting or self._closed:
                return
            lines, self._waiting = self._waiting, []
            self._in_thread_now = len(lines)
            left, self._torn, error = self._append(lines)
            self._in_thread_now = 0
            self._waiting[:0] = left
            self._waiting_bytes = sum(map(len, self._waiting))
            self._log_change(error)

    def _append(self, lines: Sequence[bytes]) -> Appended:
        """Append lines, to a new file if the present one is deleted; see `append`."""
        try:
            if self._has_name and self._in_thread(lambda: is_deleted(self._fd)):
                self._continue_in(open_appending(self.path))
                _log.warning("the results file was deleted; a new one is written", file=self.path)
        except OSError as error:
            return Appended(lines, self._torn, error)
        return self._in_thread(lambda: append(self._fd, lines, self._torn))

    def _log_change(self, error: Optional[OSError]) -> None:
        """Log the first failure to write, and the first success after it."""
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
        """Continue in a new file of the same name, as after a rotation; if that fails, in the old
        one."""
        if not self._has_name:
            return
        with self._lock:
            self.flush()
            if self._closed:
                return
            try:
                self._continue_in(open_results(self.path))
            except StartError as error:
                _log.error("the old results file stays in use", reason=str(error))

    def _continue_in(self, fd: int) -> None:
        old, self._fd = self._fd, fd
        self._torn = ends_within_line(fd)
        with suppress(OSError):  # an error of the old file must not keep the new one from use
            os.close(old)

    def close(self) -> None:
        """Write what waits, and close; lines that cannot be written in time count as lost.

        So do all lines of a write that hangs, some of which may have been written.
        """
        closing = gevent.spawn(self._close)
        closing.join(timeout=self._close_timeout)
        if not closing.ready():  # a thread hangs in a write: its file stays open, and so does it
            self._closed = True
            self.lost += self._in_thread_now
            closing.kill(block=False)
        self._ticking.kill(block=False)
        self.lost += len(self._waiting) + len(self._fresh)
        self._waiting, self._fresh = [], []
        if self.lost:
            _log.error("results were lost", file=self.path, lines=self.lost)

    def _close(self) -> None:
        with self._lock:  # so that no write is cut off with the greenlet
            self._ticking.kill()
            self.flush()
            self._closed = True
            os.close(self._fd)
        self._threads.kill()


def open_results(path: str) -> int:
    """Open a results file, and return a descriptor to be closed; StartError if that fails."""
    try:
        return open_appending(path)
    except OSError as error:
        raise unwritable(path, error, "results file ") from None
