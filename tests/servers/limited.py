"""Servers that take a fixed number of files a second, one after another: HTTP and SFTP."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from . import free_port
from .ssh_account import Account, serving
from .web_store import PROGRAMS, listening

_PROGRAM = str(PROGRAMS / "limited_store.py")


@contextlib.contextmanager
def http(home: Path, rate: float) -> Iterator[str]:
    """Run a server for the length of a block; yield its URL."""
    port = free_port()
    with listening([sys.executable, _PROGRAM, str(rate), str(port)], port, home / "output"):
        yield f"http://127.0.0.1:{port}/"


@contextlib.contextmanager
def sftp(home: Path, rate: float) -> Iterator[Account]:
    """Run a server with one user, by key, for the length of a block."""
    account = Account(home, free_port())
    keys = [str(account.host_key), f"{account.key}.pub"]
    command = [sys.executable, _PROGRAM, str(rate), str(account.port), *keys]
    with serving(account, command, home / "output"):
        yield account
