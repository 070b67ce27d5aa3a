"""rclone's SFTP server on loopback, written in Go: it shares no library with OpenSSH or fthg."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import free_port, need
from .ssh_account import Account, serving


@contextlib.contextmanager
def running(home: Path, *options: str, authorized: Sequence[str] = ()) -> Iterator[Account]:
    """Run a server with one user, by key and by password, for the length of a block."""
    program = need("rclone", on_rhel=False)
    account = Account(home, free_port(), chrooted=True, authorized=authorized)
    command = [
        *(program, "serve", "sftp", str(account.root)),
        *("--addr", f"127.0.0.1:{account.port}", "--key", str(account.host_key)),
        *("--user", account.user, "--pass", account.password),
        *("--authorized-keys", str(account.authorized_keys)),
        *("--dir-cache-time", "1ms"),  # tests make directories behind its back
        *("--config", str(home / "rclone.conf"), "--cache-dir", str(home / "cache"), *options),
    ]
    (home / "rclone.conf").touch()
    with serving(account, command, home / "output"):
        yield account
