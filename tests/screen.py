"""A terminal of fthg, and all that it has shown."""

from __future__ import annotations

import os
import select
import tempfile
import tty
from collections.abc import Iterator
from contextlib import contextmanager

import gevent

from fthg.log import ConsoleSettings
from fthg.writing.terminal import Terminal
from fthg.writing.text_stream import TextStream

_VARIABLES = ("TERM", "COLUMNS", "LINES", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE")


class Screen:
    """The text of a terminal written to a file, or to a pseudo terminal of 80 columns."""

    def __init__(self, fd: int, shown: int) -> None:
        self.stream = TextStream(fd)
        self.terminal = Terminal(self.stream)
        self.terminal.size = (80, 25)
        self._shown = shown
        self._seen = b""

    def at(self, level: int, form: str = "text") -> ConsoleSettings:
        """Return settings that send log lines here."""
        return ConsoleSettings(self.terminal, level, form)

    @property
    def text(self) -> str:
        """All that was written so far."""
        if self.stream.pending:
            self.stream.start()
        self._seen += read_all(self._shown, self.stream)
        return self._seen.decode()

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.splitlines()


def read_all(fd: int, stream: TextStream) -> bytes:
    """Read what a stream writes there, until nothing waits any more."""
    read = b""
    while True:
        pending = stream.pending  # first: what is not, can be read
        ready, _, _ = select.select([fd], [], [], 0)
        fresh = os.read(fd, 65536) if ready else b""
        read += fresh
        if not fresh and not pending:
            return read
        gevent.sleep(0.001)


@contextmanager
def screen(*, is_tty: bool = False, term: str = "xterm") -> Iterator[Screen]:
    """Make a screen, in an environment that says nothing else about terminals."""
    before = {name: os.environ.pop(name) for name in _VARIABLES if name in os.environ}
    os.environ["TERM"] = term
    shown, fd = os.openpty() if is_tty else _file()
    if is_tty:
        tty.setraw(fd)  # what is shown is what was written
    made = Screen(fd, shown)
    try:
        yield made
    finally:
        _ = made.text
        made.stream.close()
        os.close(fd)
        os.close(shown)
        del os.environ["TERM"]
        os.environ.update(before)


def _file() -> tuple[int, int]:
    fd, name = tempfile.mkstemp()
    shown = os.open(name, os.O_RDONLY)
    os.unlink(name)
    return shown, fd
