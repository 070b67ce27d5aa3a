"""Log lines on the terminal, above a live view if there is one."""

from __future__ import annotations

import logging
import os

from rich.text import Text

from ..clock import Clock
from . import formats
from .entry import LogEntry
from .events import Log
from .journal import prioritized
from .output import LogOutput
from .settings import ConsoleSettings

_log = Log(__name__)

_STYLES = {logging.WARNING: "yellow", logging.ERROR: "bold red", logging.CRITICAL: "bold red"}
_TIME = len("07:01:02.123")
_LEVEL = _TIME + len(" ERROR")


class ConsoleOutput(LogOutput):
    """An output on a terminal, which keeps a live view below the lines.

    It starts the terminal's thread (StartError if that fails), and logs what the thread finds: lost
    lines, and a terminal that is gone.
    """

    def __init__(self, settings: ConsoleSettings, clock: Clock) -> None:
        super().__init__(settings.level, clock)
        self._terminal = settings.terminal
        self._stream = settings.terminal.stream
        self._text = settings.format == "text"
        self._journal = settings.journal
        self._colors = settings.terminal.is_terminal
        self._lost = 0  # lines whose loss was logged
        self._gone = False  # this was logged
        self._closed = False
        self._stream.start()

    def write(self, entry: LogEntry) -> None:
        """Print one entry, without waiting for its reader."""
        if self._journal:  # it has a time of its own
            line = formats.untimed(entry) if self._text else formats.as_json(entry)
            self._terminal.print_line(prioritized(entry.level, line))
            return
        line = formats.console(entry) if self._text else formats.as_json(entry)
        if not self._colors:
            self._terminal.print_line(line)
            return
        text = Text(line)
        if self._text:
            text.stylize("dim", 0, _TIME)
            text.stylize(_STYLES.get(entry.level, "dim"), _TIME, _LEVEL)
        self._terminal.print_line(text)

    def tick(self) -> None:
        """Write counts that are due, and log what happened to the terminal."""
        super().tick()
        self._report()

    def release(self) -> None:
        """Write the remaining counts, and log what happened to the terminal."""
        super().release()
        self._report()

    def close(self) -> None:
        """Write the lines that wait, as long as somebody reads them."""
        self._closed = True
        super().close()
        self._stream.drain()

    def _report(self) -> None:
        if self._gone or self._closed:
            return
        lost = self._stream.lost - self._lost
        if self._stream.gone:
            self._gone = True
            _log.warning(
                "the terminal is gone; the run goes on",
                reason=self._stream.gone,
                pid=os.getpid(),
                stop=f"kill -TERM {os.getpid()}",
            )
        elif lost and not self._stream.losing:
            self._lost += lost
            _log.warning("log lines were lost", where=self.where, lost=lost)
