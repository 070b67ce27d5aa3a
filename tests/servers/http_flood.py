"""A hostile HTTP server, or proxy, on loopback that floods its clients."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import free_port
from .web_store import PROGRAMS, listening


def command(port: int, name: str) -> Sequence[str]:
    """Return the command of a server with one of the floods of programs/http_flood.py."""
    return [sys.executable, str(PROGRAMS / "http_flood.py"), str(port), name]


@contextlib.contextmanager
def flooding(home: Path, name: str) -> Iterator[int]:
    """Run a server, or the proxy "relay", for the length of a block; yield its port."""
    port = free_port()
    with listening(command(port, name), port, home / "output"):
        yield port
