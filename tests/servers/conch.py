"""The SFTP server of Twisted Conch on loopback: an asynchronous one, in Python."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import free_port
from .ssh_account import Account, serving
from .web_store import PROGRAMS


@contextlib.contextmanager
def running(
    home: Path, *, authorized: Sequence[str] = (), means: str = "publickey"
) -> Iterator[Account]:
    """Run a server with one user for the length of a block, who must pass all `means`."""
    account = Account(home, free_port(), authorized=authorized)
    words = [str(account.port), str(account.host_key), str(account.authorized_keys)]
    own = {"USER_NAME": account.user, "PASSWORD": account.password, "MEANS": means}
    command = [sys.executable, str(PROGRAMS / "conch_store.py"), *words]
    with serving(account, command, home / "output", env={**os.environ, **own}):
        yield account
