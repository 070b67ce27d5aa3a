"""The log of load mode, as events with their fields."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from fthg.log.events import Record


class Line(NamedTuple):
    """One event."""

    level: int
    event: str
    fields: dict[str, Any]


@contextmanager
def logged(level: int) -> Iterator[list[Line]]:
    """Every event of this level or a graver one, until the end of the block."""
    lines: list[Line] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if isinstance(record, Record):
                lines.append(Line(record.levelno, record.getMessage(), record.fields))

    logger, handler = logging.getLogger("fthg"), Lines()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
