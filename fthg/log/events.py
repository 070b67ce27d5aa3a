"""The logger that every module uses: it takes an event and fields."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Optional

TRACE = 5

LEVELS: Mapping[str, int] = MappingProxyType(
    {
        "error": logging.ERROR,
        "warning": logging.WARNING,
        "info": logging.INFO,
        "debug": logging.DEBUG,
        "trace": TRACE,
    }
)
"""Levels by name, from the fewest lines to the most."""

_TRACE, _DEBUG, _INFO = TRACE, logging.DEBUG, logging.INFO
_WARNING, _ERROR = logging.WARNING, logging.ERROR

# No output shows the name of a thread, and to find it makes a thread's object for each greenlet.
logging.logThreads = False


class Record(logging.LogRecord):
    """A log record with the fields of the event, as they were passed in."""

    def __init__(
        self,
        name: str,
        level: int,
        event: str,
        fields: dict[str, Any],
        error: Optional[BaseException],
    ) -> None:
        info = (type(error), error, error.__traceback__) if error else None
        super().__init__(name, level, "", 0, event, (), info)
        self.fields = fields


class Log:
    """A named logger whose calls take an event and keyword fields.

    `exc_info`, an exception, adds its traceback. An event that no output wants is not formatted.
    """

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)
        self.enabled: Callable[[int], bool] = self._logger.isEnabledFor
        """Whether any output wants this level: ask before computing expensive fields."""

    def _handle(
        self,
        level: int,
        event: str,
        fields: dict[str, Any],
        error: Optional[BaseException],
    ) -> None:
        # Not Logger.log: it would walk the stack for the caller's line, which no output shows.
        self._logger.handle(Record(self._logger.name, level, event, fields, error))

    def trace(
        self, event: str, /, exc_info: Optional[BaseException] = None, **fields: object
    ) -> None:
        """Log a detail that only the author of a protocol needs."""
        if self.enabled(_TRACE):
            self._handle(_TRACE, event, fields, exc_info)

    def debug(
        self, event: str, /, exc_info: Optional[BaseException] = None, **fields: object
    ) -> None:
        """Log a detail that a network engineer needs to find a problem."""
        if self.enabled(_DEBUG):
            self._handle(_DEBUG, event, fields, exc_info)

    def info(
        self, event: str, /, exc_info: Optional[BaseException] = None, **fields: object
    ) -> None:
        """Log the progress of the run: one line for each transfer."""
        if self.enabled(_INFO):
            self._handle(_INFO, event, fields, exc_info)

    def warning(
        self, event: str, /, exc_info: Optional[BaseException] = None, **fields: object
    ) -> None:
        """Log a problem that the run survives."""
        if self.enabled(_WARNING):
            self._handle(_WARNING, event, fields, exc_info)

    def error(
        self, event: str, /, exc_info: Optional[BaseException] = None, **fields: object
    ) -> None:
        """Log a failure that the run, or a part of it, does not survive."""
        if self.enabled(_ERROR):
            self._handle(_ERROR, event, fields, exc_info)
