"""asyncssh's SFTP server on loopback: an asynchronous one, in Python."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from . import free_port
from .ssh_account import Account, serving
from .web_store import PROGRAMS


@contextlib.contextmanager
def running(home: Path) -> Iterator[Account]:
    """Run a server with one user, by key, for the length of a block."""
    account = Account(home, free_port())
    with serving(account, command(account), home / "output"):
        yield account


def command(account: Account) -> list[str]:
    """Return the command of a server for this account."""
    words = [str(account.port), str(account.host_key), f"{account.key}.pub"]
    return [sys.executable, str(PROGRAMS / "asyncssh_store.py"), *words]
