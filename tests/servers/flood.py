"""A hostile server that sends without end, faster than fthg reads: a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import free_port
from .certificates import Pair
from .web_store import listening


@contextmanager
def flooding(kind: str, home: Path, certificate: Pair) -> Iterator[int]:
    """Run one, of a kind that its program knows, for the length of a block; yield its port."""
    port, pem = free_port(), home / "flood.pem"
    pem.write_bytes(certificate.key.read_bytes() + certificate.cert.read_bytes())
    program = [sys.executable, "-m", "tests.servers.programs.flood", kind, str(port), str(pem)]
    with listening(program, port, home / "flood.log", cwd=str(Path(__file__).parents[2])):
        yield port
