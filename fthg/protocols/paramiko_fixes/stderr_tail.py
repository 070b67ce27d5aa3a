"""Takes what a server writes to a channel's stderr, which paramiko (2.12 to 5.1) only stores.

Unread, it fills the window that stderr shares with the answers: then nothing comes back any more.
"""

from __future__ import annotations

import gevent
import paramiko
from paramiko.ssh_exception import SSHException

_READ = 256 * 1024
_KEPT = 400
"""Bytes that go into the text of an error."""


class StderrTail:
    """Reads a channel's stderr to its end, and keeps the last bytes."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel
        self._tail = b""
        self._greenlet = gevent.spawn(self._read)

    @property
    def text(self) -> str:
        """Return the end of the text, with what has arrived but was not read yet."""
        # Not by recv_stderr: it may wait for the server, to which it gives the window back.
        self._keep(self._channel.in_stderr_buffer.empty())
        return self._tail.decode("utf-8", "replace").strip()

    def _read(self) -> None:
        while self._take():
            pass

    def _take(self) -> bool:
        try:
            data = self._channel.recv_stderr(_READ)
        except (OSError, EOFError, SSHException):  # it ended before the window could be widened
            return False
        self._keep(data)
        return bool(data)

    def _keep(self, data: bytes) -> None:
        self._tail = (self._tail + data)[-_KEPT:]
