"""Servers of Node on loopback: its own HTTP server, and the SFTP server of npm's ssh2."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Optional

from . import free_port, missing, need
from .ssh_account import Account, serving
from .web_store import PROGRAMS, WebStore, listening

MODULES = Path(__file__).parents[2] / ".venv/node/node_modules"
"""The directory into which ./dev installs packages of npm."""


@contextlib.contextmanager
def http_store(home: Path, tokens: Optional[Path] = None) -> Iterator[WebStore]:
    """Run store.js for the length of a block; `url`/store/NAME is its honest way.

    With `tokens` it takes only requests that bear one of the lines of this file.
    """
    node, port = need("node", on_rhel=False), free_port()
    files, log = home / "files", home / "requests.jsonl"
    files.mkdir()
    command = [node, str(PROGRAMS / "store.js"), str(port), str(files), str(log)]
    environment = {**os.environ, **({"TOKENS": str(tokens)} if tokens else {})}
    with listening(command, port, home / "output", env=environment):
        yield WebStore(f"http://127.0.0.1:{port}", files, log)


@contextlib.contextmanager
def ssh2(
    home: Path, *, authorized: Sequence[str] = (), means: str = "publickey"
) -> Iterator[Account]:
    """Run ssh2.js for the length of a block, with one user; `means` are taken in this order."""
    account = Account(home, free_port(), authorized=authorized)
    environment = {**ssh2_environment(), "PASSWORD": account.password, "MEANS": means}
    with serving(account, ssh2_command(account), home / "output", env=environment):
        yield account


def ssh2_command(account: Account) -> list[str]:
    """Return the command of a server for this account."""
    node = need("node", on_rhel=False)
    if not (MODULES / "ssh2").is_dir():
        missing("npm's ssh2", on_rhel=False)
    program = str(PROGRAMS / "ssh2.js")
    return [node, program, str(account.port), str(account.host_key), str(account.authorized_keys)]


def ssh2_environment() -> dict[str, str]:
    """Return the environment in which Node finds the package."""
    return {**os.environ, "NODE_PATH": str(MODULES)}
