"""asyncssh's SFTP server on loopback: an asynchronous one, in Python."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from . import free_port
from .ssh_account import Account, serving
from .web_store import PROGRAMS


@contextlib.contextmanager
def running(
    home: Path, *, authorized: Sequence[str] = (), means: str = "publickey", **listening: Any
) -> Iterator[Account]:
    """Run a server with one user for the length of a block; `means` are what it takes.

    `listening`: more arguments of asyncssh.listen.
    """
    account = Account(home, free_port(), authorized=authorized)
    environment = {**os.environ, "PASSWORD": account.password, "MEANS": means}
    words = [*command(account), "0", json.dumps(listening)]
    with serving(account, words, home / "output", env=environment):
        yield account


def command(account: Account) -> list[str]:
    """Return the command of a server for this account."""
    words = [str(account.port), str(account.host_key), str(account.authorized_keys)]
    return [sys.executable, str(PROGRAMS / "asyncssh_store.py"), *words]
