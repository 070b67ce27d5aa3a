"""A text stream to a terminal, pipe or file, written by a thread: no caller waits for a reader."""

from __future__ import annotations

import errno
import os
import select
import time
from collections.abc import Sequence
from contextlib import suppress

from .. import native
from ..errors import StartError
from .writer import Writer

STALLED = 2.0
"""Seconds without a byte moving after which the end of a program waits no longer for a reader."""

_LINES = 1 << 20  # bytes that may wait, until further lines are lost
_ALL = 16 << 20  # bytes of lines and other text, such as a summary
_CHUNK = 4096  # written at once, so that a slow reader is seen to move
_PAUSE = 0.01
_FULL = (errno.ENOSPC, errno.EDQUOT)  # a disk may have space again; all else is for good


class TextStream:
    """A file for a rich Console, with a view that is redrawn below all lines.

    Nothing here blocks but `drain` and `close`. Text is written in its order; of the views only the
    newest. What is put into it before the start waits for it.
    """

    def __init__(self, fd: int, encoding: str = "utf-8", patient: bool = False) -> None:
        self.encoding = encoding
        self.patient = patient  # at the end: wait until all is read, or the reader is gone
        self.gone = ""  # why it can no longer be written
        self._fd = fd
        self._writer = Writer(self._write, _ALL, len, pause=_PAUSE)
        self._pid = 0  # of the process where the thread runs
        self._view = b""
        self._shown = b""  # the view that is on the terminal
        self._woken = False  # the thread will look at the view
        self._writing = False
        self._refused = 0  # lines for which there was no room
        self._failed = 0  # lines for which the disk had none
        self._full = False  # the disk, at the last attempt
        self._moved = 0.0  # when something was written, or began to wait
        self._ending = 0.0  # when a caller began to wait for the rest

    def start(self) -> None:
        """Start the thread, unless it runs in this process; StartError if that fails."""
        if self._pid != os.getpid():
            self._writer.start("the terminal")
            self._pid = os.getpid()

    def write(self, text: str) -> int:
        """Add whole lines."""
        self._put(text, _ALL)
        return len(text)

    def write_line(self, text: str) -> None:
        """Add a line of which others come, too: it is lost, and counted, if much waits already."""
        self._put(text, _LINES)

    def set_view(self, lines: Sequence[str]) -> None:
        """Show these lines below all others, instead of those before; none removes them."""
        view = self._encode("\n".join(lines))
        if self.gone or view == self._view:
            return
        self._view = view
        if not self._woken:
            self._woken = True
            self._put("", _ALL)

    def flush(self) -> None:
        """Do nothing: the thread writes soon."""

    def isatty(self) -> bool:
        """Return True if it is a terminal."""
        return os.isatty(self._fd)

    def fileno(self) -> int:
        """Return its descriptor."""
        return self._fd

    @property
    def lost(self) -> int:
        """Lines that could not be written so far."""
        return self._refused + self._failed

    @property
    def losing(self) -> bool:
        """True if further lines may be lost."""
        return self._full or self._writer.waiting > _LINES // 2

    @property
    def pending(self) -> bool:
        """True if something is not written yet, and can be."""
        return not self.gone and (self._writer.waiting > 0 or self._woken or self._writing)

    def begin_end(self) -> None:
        """Start counting the seconds without progress: no more text is expected soon."""
        self._ending = self._ending or time.monotonic()

    def drain(self, patient: bool = False) -> None:
        """Wait until all is written; unless this and the stream are patient, only while something
        moves every 2 s.

        Blocks the calling thread. A signal that interrupts the program ends this and later waits.
        """
        if self.pending:
            with suppress(StartError):
                self.start()
        self.begin_end()
        try:
            while self.pending and ((patient and self.patient) or not self._stalled):
                native.sleep(_PAUSE)
        except KeyboardInterrupt:
            self.patient = False
            self._ending = self._moved = -STALLED

    def close(self) -> None:
        """Write what waits, as far as it is read, and end the thread."""
        self.set_view(())
        self.drain(patient=True)
        self.gone = self.gone or "closed"
        self._writer.close(0)

    @property
    def _stalled(self) -> bool:
        return time.monotonic() - max(self._moved, self._ending) > STALLED

    def _put(self, text: str, most: int) -> None:
        if self.gone:
            return
        data = self._encode(text)
        waiting = self._writer.waiting
        if not waiting:
            self._moved = time.monotonic()
        if waiting + len(data) > most or not self._writer.put(data):
            self._refused += text.count("\n")

    def _encode(self, text: str) -> bytes:
        return text.encode(self.encoding, "backslashreplace")

    def _write(self, pieces: Sequence[bytes]) -> Sequence[bytes]:
        """Write pieces, and the newest view below them; in the thread."""
        self._writing = True
        self._woken = False  # first: a view that comes now wakes it again
        view = self._view
        text = b"".join(pieces)
        if text or view != self._shown:
            self._send(_redraw(self._shown, text, view))
            self._shown = view
        self._writing = False
        return ()

    def _send(self, data: bytes) -> None:
        left = memoryview(data)
        while left and not self.gone:
            try:
                left = left[os.write(self._fd, left[:_CHUNK]) :]
                self._moved = time.monotonic()
                self._full = False
            except BlockingIOError:  # another process made it so
                poll = native.poll()
                poll.register(self._fd, select.POLLOUT)
                poll.poll()
            except OSError as error:
                self._full = error.errno in _FULL
                if not self._full:
                    self.gone = error.strerror or "closed"
                self._failed += bytes(left).count(b"\n")
                return


def _redraw(shown: bytes, text: bytes, view: bytes) -> bytes:
    """Return text between the view that is shown, which it replaces, and the one to be shown.

    The cursor rests at the end of a view, and is hidden as long as there is one.
    """
    erase = b""
    if shown:
        up = shown.count(b"\n")
        erase = b"\r" + (b"\x1b[%dA" % up if up else b"") + b"\x1b[J"
    cursor = b"\x1b[?25l" if view and not shown else b"\x1b[?25h" if shown and not view else b""
    return erase + text + cursor + view
