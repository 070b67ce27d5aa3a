"""Log lines on the terminal, above a live view if there is one."""

from __future__ import annotations

import logging
from contextlib import suppress

from rich.text import Text

from ..clock import Clock
from ..text import TERMINAL_GONE
from . import formats
from .entry import LogEntry, Mask
from .output import LogOutput
from .settings import ConsoleSettings

_STYLES = {logging.WARNING: "yellow", logging.ERROR: "bold red", logging.CRITICAL: "bold red"}
_TIME = len("07:01:02.123")
_LEVEL = _TIME + len(" ERROR")


class ConsoleOutput(LogOutput):
    """An output on a rich Console, which keeps a live view below the lines."""

    def __init__(self, settings: ConsoleSettings, mask: Mask, clock: Clock) -> None:
        super().__init__(settings.level, mask, clock)
        self._console = settings.console
        self._text = settings.format == "text"

    def write(self, entry: LogEntry) -> None:
        """Print one entry; a terminal that was closed is ignored, as the run does not need it."""
        line = formats.console(entry) if self._text else formats.as_json(entry)
        with suppress(*TERMINAL_GONE):
            self._print(line, entry.level)

    def _print(self, line: str, level: int) -> None:
        if not self._console.is_terminal:
            # There is no live view to redraw here, and rich takes ten times as long.
            self._console.file.write(f"{line}\n")
            self._console.file.flush()
            return
        text = Text(line)
        if self._text:
            text.stylize("dim", 0, _TIME)
            text.stylize(_STYLES.get(level, "dim"), _TIME, _LEVEL)
        self._console.print(text, soft_wrap=True)
