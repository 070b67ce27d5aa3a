"""rclone's SFTP server on loopback: written in Go, on libraries that neither OpenSSH nor we use."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import free_port, need
from .ssh_account import Account, until_it_listens


@contextlib.contextmanager
def running(home: Path, *options: str) -> Iterator[Account]:
    """A server for the length of a block; it knows one user, by key and by password."""
    program = need("rclone", on_rhel=False)
    account = Account(home, free_port(), chrooted=True)
    command = [
        *(program, "serve", "sftp", str(account.root)),
        *("--addr", f"127.0.0.1:{account.port}", "--key", str(account.host_key)),
        *("--user", account.user, "--pass", account.password),
        *("--authorized-keys", f"{account.key}.pub"),
        *("--dir-cache-time", "1ms"),  # tests make directories behind its back
        *("--config", str(home / "rclone.conf"), "--cache-dir", str(home / "cache"), *options),
    ]
    (home / "rclone.conf").touch()
    with (home / "output").open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        until_it_listens(account.port, process, home / "output")
        yield account
    finally:
        process.kill()
        process.wait(10)
