"""Servers of Node on loopback: its own HTTP server, and the SFTP server of npm's ssh2."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from . import free_port, missing, need
from .ssh_account import Account, serving
from .web_store import PROGRAMS, WebStore, listening

MODULES = Path(__file__).parents[2] / ".venv/node/node_modules"
"""Where ./dev installs packages of npm."""


@contextlib.contextmanager
def http_store(home: Path) -> Iterator[WebStore]:
    """Run store.js for the length of a block; `url`/store/NAME is its honest way."""
    node, port = need("node", on_rhel=False), free_port()
    files, log = home / "files", home / "requests.jsonl"
    files.mkdir()
    command = [node, str(PROGRAMS / "store.js"), str(port), str(files), str(log)]
    with listening(command, port, home / "output"):
        yield WebStore(f"http://127.0.0.1:{port}", files, log)


@contextlib.contextmanager
def ssh2(home: Path) -> Iterator[Account]:
    """Run ssh2.js for the length of a block, with one user, by key."""
    account = Account(home, free_port())
    with serving(account, ssh2_command(account), home / "output", env=ssh2_environment()):
        yield account


def ssh2_command(account: Account) -> list[str]:
    """Return the command of a server for this account."""
    node = need("node", on_rhel=False)
    if not (MODULES / "ssh2").is_dir():
        missing("npm's ssh2", on_rhel=False)
    program = str(PROGRAMS / "ssh2.js")
    return [node, program, str(account.port), str(account.host_key), f"{account.key}.pub"]


def ssh2_environment() -> dict[str, str]:
    """Return the environment in which Node finds the package."""
    return {**os.environ, "NODE_PATH": str(MODULES)}
