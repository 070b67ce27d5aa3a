"""A hostile SFTP server on loopback that floods its clients."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from . import free_port
from .ssh_account import Account, serving
from .web_store import PROGRAMS


@contextlib.contextmanager
def flooding(home: Path, name: str) -> Iterator[Account]:
    """Run a server with one of the floods of programs/ssh_flood.py for the length of a block."""
    account = Account(home, free_port())
    words = [str(account.port), str(account.host_key), name]
    command = [sys.executable, str(PROGRAMS / "ssh_flood.py"), *words]
    with serving(account, command, home / "output"):
        yield account
