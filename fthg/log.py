"""One way to log: an event and its fields, told as text or JSON on every output at once."""

from __future__ import annotations

import logging

TRACE = 5


class Log:
    """A named logger whose calls take an event and keyword fields; nothing is formatted unseen."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def enabled(self, level: int) -> bool:
        """True if some output wants this level: ask before gathering costly fields."""
        return self._logger.isEnabledFor(level)

    def _log(self, level: int, event: str, fields: dict[str, object]) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, event, extra={"fields": fields})

    def trace(self, event: str, **fields: object) -> None:
        """Log what only a protocol's author wants to see."""
        self._log(TRACE, event, fields)

    def debug(self, event: str, **fields: object) -> None:
        """Log what a network engineer needs to find a fault."""
        self._log(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """Log the course of the run: one line a transfer."""
        self._log(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Log what someone should look at, though the run goes on."""
        self._log(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Log what ended something."""
        self._log(logging.ERROR, event, fields)
