"""Log lines on the terminal, above a live view if there is one."""

from __future__ import annotations

import logging

from rich.text import Text

from ..clock import Clock
from . import formats
from .entry import Mask, Told
from .output import Output
from .settings import ConsoleSettings

_STYLES = {logging.WARNING: "yellow", logging.ERROR: "bold red", logging.CRITICAL: "bold red"}
_TIME = len("07:01:02.123")
_LEVEL = _TIME + len(" ERROR")


class ConsoleOutput(Output):
    """Writes through a rich Console, which keeps a live view below the lines."""

    def __init__(self, settings: ConsoleSettings, mask: Mask, clock: Clock) -> None:
        super().__init__(settings.level, mask, clock)
        self._console = settings.console
        self._text = settings.format == "text"

    def write(self, line: Told) -> None:
        """Print one line; a terminal that has gone away is no reason to end a run."""
        shown = formats.console(line) if self._text else formats.as_json(line)
        try:
            self._print(shown, line.level)
        except (OSError, ValueError, SystemExit):
            # SystemExit: how newer releases of rich answer a broken pipe.
            return

    def _print(self, shown: str, level: int) -> None:
        if not self._console.is_terminal:
            # No live view is redrawn there, and rich takes ten times as long.
            self._console.file.write(f"{shown}\n")
            self._console.file.flush()
            return
        text = Text(shown)
        if self._text:
            text.stylize("dim", 0, _TIME)
            text.stylize(_STYLES.get(level, "dim"), _TIME, _LEVEL)
        self._console.print(text, soft_wrap=True)
