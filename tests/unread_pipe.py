"""A pipe whose reader does not read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gevent import monkey

_close = monkey.get_original("os", "close")  # gevent's leaves it to the loop


@contextmanager
def unread_pipe(directory: Path) -> Iterator[Path]:
    """Make one in a directory for the length of a block; it takes 64 KiB."""
    path = directory / "unread"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield path
    finally:
        _close(reader)  # and with it ends the write that hangs
