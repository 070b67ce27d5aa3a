"""Relays the lines that a child writes to standard error, however long or many they are."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..clock import run_loop_once
from ..log import Log

PrintLine = Callable[[str], None]
"""Prints a line that a child wrote to standard error."""

LONGEST = 16_384
"""Bytes of a line; of a longer one the rest is left out."""

_AT_ONCE = 65_536
_LINES_AT_ONCE = 16
_log = Log(__name__)


class Lines:
    """Bytes, as they come → lines of bounded length."""

    def __init__(self) -> None:
        self._begun = b""

    def feed(self, data: bytes) -> Sequence[str]:
        """Return the lines that end within some bytes."""
        *ends, rest = data.split(b"\n")
        lines = [self._end(part) for part in ends]
        self._add(rest)
        return lines

    def rest(self) -> Sequence[str]:
        """Return the last line if it has no end."""
        return [self._end(b"")] if self._begun else []

    def _end(self, part: bytes) -> str:
        self._add(part)
        line, self._begun = self._begun, b""
        cut = "…" if len(line) > LONGEST else ""
        return line[:LONGEST].decode("utf-8", "replace") + cut

    def _add(self, part: bytes) -> None:
        self._begun = (self._begun + part)[: LONGEST + 1]


def relay_lines(source: socket.socket, print_line: PrintLine) -> None:
    """Print what a child writes until it ends; the loop has turns meanwhile."""
    lines = Lines()
    with suppress(OSError):
        while data := source.recv(_AT_ONCE):
            _print(lines.feed(data), print_line)
            run_loop_once()
    _print(lines.rest(), print_line)


def _print(lines: Sequence[str], print_line: PrintLine) -> None:
    for number, line in enumerate(lines, 1):
        try:
            print_line(line)
        except Exception as error:  # noqa: BLE001 - or nobody would read what the worker writes
            _log.debug("a line of a worker cannot be printed", error=error)
        if number % _LINES_AT_ONCE == 0:
            run_loop_once()
