"""The results file: a line of JSON for every transfer, written without delaying the run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType

import gevent

from ..clock import SECOND, Clock
from ..log import Log
from ..standstill import Slices, Standstill
from ..transfer import Result
from ..writing.lines import FAILED, KEPT, RECOVERED, RECREATED, LineFile, count
from .write import result_lines, standstill_line

PURPOSE = "results file"

_PERIOD = SECOND // 2
_AT_ONCE = 64  # results of which lines are made at once: too short a pause to delay a transfer
_CLOSE_TIMEOUT = 3.0  # seconds, however long the disk or the reader of a pipe takes
_BACKLOG = 16 * 1024 * 1024
_log = Log(__name__)

_SAY: Mapping[str, tuple[Callable[..., None], str]] = MappingProxyType(
    {
        FAILED: (_log.error, "results cannot be written; they wait in memory, the run goes on"),
        RECOVERED: (_log.warning, "results are written again"),
        RECREATED: (_log.warning, "the results file was deleted; a new one is written"),
        KEPT: (_log.error, "the old results file stays in use"),
    }
)


class ResultsFile:
    """Appends lines to a file, or to standard output for `-`; StartError if it cannot be opened.

    Lines are gathered and written twice a second by a thread, so that a slow disk or a paused pipe
    delays no transfer. While they cannot be written (disk full) up to 16 MiB of them wait; further
    ones are counted in `lost`. A failure is logged once, and so is its end. A deleted file
    is created again.
    """

    def __init__(
        self, path: str, run: str, clock: Clock, slice_: str = "", backlog: int = _BACKLOG
    ) -> None:
        self.path = path
        self.lost = 0
        self.close_timeout = _CLOSE_TIMEOUT
        self._run = run
        self._slice = slice_
        self._clock = clock
        self._fresh: list[Result] = []  # without lines so far
        self._batches = deque[bytes]()  # of lines, which the thread does not have so far
        self._closed = False
        self._file = LineFile(path, PURPOSE, backlog)
        gevent.spawn(self._tick)

    def write(self, result: Result) -> None:
        """Add a line; it is in the file within a second."""
        self._fresh.append(result)
        if len(self._fresh) >= _AT_ONCE:
            self._make_lines()

    def write_standstill(self, standstill: Standstill, slices: Slices) -> None:
        """Add the line of a standstill; `slices` as for `standstill_line`."""
        self._make_lines()
        offset = self._clock.utc_offset()
        self._batches.append(standstill_line(standstill, self._run, offset, slices, self._slice))

    def flush(self) -> None:
        """Pass all lines to the thread."""
        self._make_lines()
        while self._batches:
            batch = self._batches.popleft()
            if not self._file.put(batch):
                self.lost += count(batch)

    def report(self) -> None:
        """Log what happened to the file since the last report."""
        for notice in self._file.notices():
            log, event = _SAY[notice.what]
            reason = {"reason": notice.reason} if notice.reason else {}
            log(event, file=self.path, **reason)
        if self._closed and self.lost:
            _log.error("results were lost", file=self.path, lines=self.lost)

    def reopen(self) -> None:
        """Continue in a new file of the same name, as after a rotation; if that fails, in the old
        one."""
        self.flush()
        self._file.reopen()

    def close(self) -> None:
        """Write what waits, and close; lines that cannot be written in time count as lost.

        So do all lines of a write that hangs, some of which may have been written. It may be called
        by any thread, also while the hub has no turn.
        """
        self.flush()
        self._closed = True
        self.lost += self._file.close(self.close_timeout)

    def _make_lines(self) -> None:
        results, self._fresh = self._fresh, []
        if not results:
            return
        try:
            offset = self._clock.utc_offset()
            lines = result_lines(results, self._run, offset, self._slice)
            self._batches.append(b"".join(lines))
        except Exception:
            self.lost += len(results)
            raise

    def _tick(self) -> None:
        while True:
            self._clock.sleep_until(self._clock.now() + _PERIOD)
            if self._closed:
                return
            try:
                self.flush()
                self.report()
            except Exception as error:  # noqa: BLE001 - what comes after it is written nevertheless
                _log.error("results were lost", file=self.path, error=error)
