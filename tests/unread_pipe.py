"""A pipe whose reader does not read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SIZE = 64 * 1024  # of a pipe: fcntl(2), F_SETPIPE_SZ
PAGE = 4096


@contextmanager
def unread_pipe(path: Path, room: int = _SIZE) -> Iterator[int]:
    """Make one for the length of a block; it takes `room` bytes, whole pages. Return a descriptor.

    A write of more hangs until the end of the block.
    """
    os.mkfifo(path)
    with open(os.open(path, os.O_RDWR | os.O_NONBLOCK), "r+b", buffering=0) as pipe:
        pipe.write(bytes(_SIZE - room))
        yield pipe.fileno()
