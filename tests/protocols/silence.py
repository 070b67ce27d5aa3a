"""A listener that answers no call until its queue is freed: on loopback, what a dead host is."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silence(address: str, port: int = 0) -> Iterator[socket.socket]:
    """Yield a listener whose queue is full; `accept()` frees it, and it answers the next SYN."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as full, socket.socket(family) as taken:
        full.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        full.bind((address, port))
        full.listen(0)
        taken.connect(full.getsockname())  # the only place in the queue
        yield full
