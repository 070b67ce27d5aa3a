"""The user of an SFTP server, with keys and password."""

from __future__ import annotations

import contextlib
import getpass
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Optional

from . import need, wait_until_it_listens


class Account:
    """Keys, a password and a directory for uploads, which a `chrooted` server shows as `/`."""

    def __init__(
        self, home: Path, port: int, *, chrooted: bool = False, authorized: Sequence[str] = ()
    ) -> None:
        """Make its files in `home`; `authorized` are more lines of authorized_keys."""
        self.port = port
        self.user = getpass.getuser()
        self.password = secrets.token_urlsafe(12)
        self.root = home / "incoming"
        self.root.mkdir()
        self._shown = "" if chrooted else str(self.root)
        self.host_key = self._make_key(home / "host_ed25519")
        self.key = self._make_key(home / "id_ed25519")
        own = self.key.with_suffix(".pub").read_text()
        self.authorized_keys = home / "account_keys"
        self.authorized_keys.write_text("".join([own, *(f"{line}\n" for line in authorized)]))
        self.known_hosts = home / "known_hosts"
        public = self.host_key.with_suffix(".pub").read_text()
        self.known_hosts.write_text(f"[127.0.0.1]:{port} {public}")

    def url(self, directory: str = "") -> str:
        """Return the URL of a directory below that for uploads, without user info."""
        return f"sftp://127.0.0.1:{self.port}{self._shown}/{directory}"

    @staticmethod
    def _make_key(path: Path) -> Path:
        command = [need("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
        subprocess.run(command, check=True, timeout=30)
        return path


@contextlib.contextmanager
def serving(
    account: Account, command: Sequence[str], output: Path, env: Optional[dict[str, str]] = None
) -> Iterator[Account]:
    """Run a server for the length of a block; its output goes to a file."""
    with output.open("w") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, start_new_session=True, env=env
        )
    try:
        wait_until_it_listens(process, account.port, output)
        yield account
    finally:
        process.kill()
        process.wait(10)
