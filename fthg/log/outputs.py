"""All outputs as one handler of the standard library's root logger."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from .entry import Mask, is_from_fthg, make_entry
from .events import TRACE
from .output import LogOutput


class Outputs(logging.Handler):
    """A handler that makes one entry of a record, for all outputs that want it.

    They receive records of libraries at level trace only.
    """

    def __init__(self, outputs: Sequence[LogOutput], mask: Mask, run: str) -> None:
        super().__init__()
        self.open = outputs
        self._mask = mask
        self._run = run

    def handle(self, record: logging.LogRecord) -> bool:
        """Pass a record on."""
        # The base class takes a lock here. One greenlet runs at a time and every line is written
        # in one piece; with the lock, a greenlet killed in mid-line could stop all logging.
        most = record.levelno if is_from_fthg(record.name) else min(record.levelno, TRACE)
        wanting = [output for output in self.open if output.level <= most]
        if wanting:
            entry = make_entry(record, self._mask, self._run)
            for output in wanting:
                output.take(entry)
        return True
