"""A terminal or a pipe that a program writes to, and its reader, who pauses or goes away."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import gevent
from gevent.os import make_nonblocking, nb_read

_F_SETPIPE_SZ = 1031  # Python 3.9 does not name it


class Reader:
    """The reader; `end` is the descriptor for the program, `said` all that was read."""

    def __init__(self, here: int, end: int) -> None:
        self.end = end
        self.said = b""
        self._here = here
        self._open = True
        make_nonblocking(here)
        self._reading = gevent.spawn(self._read)

    def pause(self) -> None:
        """Read no more, as after Ctrl-S or in a program that hangs: soon nothing can be written."""
        self._reading.kill()

    def go_on(self) -> None:
        """Read again, if there is something to read from."""
        if self._open and self._reading.dead:
            self._reading = gevent.spawn(self._read)

    def go_away(self) -> None:
        """Close this side: the terminal is gone, with a SIGHUP, or the pipe is broken."""
        self.pause()
        if self._open:
            self._open = False
            os.close(self._here)
            gevent.sleep(0.001)  # in this turn of the loop, new releases of gevent keep it open

    def close(self) -> None:
        """End both sides."""
        self.go_away()
        with suppress(OSError):
            os.close(self.end)

    def _read(self) -> None:
        with suppress(OSError):  # the last program has closed its terminal
            while data := nb_read(self._here, 1 << 16):
                self.said += data


@contextmanager
def terminal(columns: int = 80, lines: int = 24) -> Iterator[Reader]:
    """Make a terminal; for Ctrl-C and its end, run the program by `setsid --ctty`."""
    here, end = os.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("4H", lines, columns, 0, 0))
    yield from _reading(here, end)


@contextmanager
def pipe() -> Iterator[Reader]:
    """Make a pipe; the kernel holds 4 KiB for a reader that pauses."""
    here, end = os.pipe()
    fcntl.fcntl(end, _F_SETPIPE_SZ, 4096)
    yield from _reading(here, end)


def _reading(here: int, end: int) -> Iterator[Reader]:
    reader = Reader(here, end)
    try:
        yield reader
    finally:
        reader.close()
