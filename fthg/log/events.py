"""What the rooms call: a Log takes an event and its fields."""

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
"""The words for levels, the fewest lines first."""

_TRACE, _DEBUG, _INFO = TRACE, logging.DEBUG, logging.INFO
_WARNING, _ERROR = logging.WARNING, logging.ERROR


class Record(logging.LogRecord):
    """An event on its way to the outputs, with its fields as they were given."""

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
    """A named logger whose calls take an event and keyword fields; nothing is formatted unseen.

    `exc_info`, an exception, adds its traceback.
    """

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)
        self.enabled: Callable[[int], bool] = self._logger.isEnabledFor
        """True if some output wants this level: ask before gathering costly fields."""

    def _tell(
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
        """Log what only a protocol's author wants to see."""
        if self.enabled(_TRACE):
            self._tell(_TRACE, event, fields, exc_info)

    def debug(
        self, event: str, /, exc_info: Optional[BaseException] = None, **fields: object
    ) -> None:
        """Log what a network engineer needs to find a fault."""
        if self.enabled(_DEBUG):
            self._tell(_DEBUG, event, fields, exc_info)

    def info(
        self, event: str, /, exc_info: Optional[BaseException] = None, **fields: object
    ) -> None:
        """Log the course of the run: one line a transfer."""
        if self.enabled(_INFO):
            self._tell(_INFO, event, fields, exc_info)

    def warning(
        self, event: str, /, exc_info: Optional[BaseException] = None, **fields: object
    ) -> None:
        """Log what someone should look at, though the run goes on."""
        if self.enabled(_WARNING):
            self._tell(_WARNING, event, fields, exc_info)

    def error(
        self, event: str, /, exc_info: Optional[BaseException] = None, **fields: object
    ) -> None:
        """Log what ended something."""
        if self.enabled(_ERROR):
            self._tell(_ERROR, event, fields, exc_info)
