"""A hostile HTTP server, or proxy, on loopback that floods its clients: a process of its own."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Optional

from . import free_port
from .certificates import Pair
from .web_store import PROGRAMS, listening


def command(port: int, name: str, *pem: str) -> Sequence[str]:
    """Return the command of a server with one of the floods of programs/http_flood.py."""
    return [sys.executable, str(PROGRAMS / "http_flood.py"), str(port), name, *pem]


@contextlib.contextmanager
def flooding(home: Path, name: str, certificate: Optional[Pair] = None) -> Iterator[int]:
    """Run a server, or the proxy "relay", for the length of a block; yield its port."""
    port, pem = free_port(), home / "flood.pem"
    if certificate:
        pem.write_bytes(certificate.key.read_bytes() + certificate.cert.read_bytes())
    with listening(command(port, name, str(pem)), port, home / "output"):
        yield port
