"""One user of an SFTP server, with all that logging in takes."""

from __future__ import annotations

import contextlib
import getpass
import secrets
import socket
import subprocess
import time
from pathlib import Path

import pytest

from . import need


class Account:
    """Keys, a password and a directory for uploads; `chrooted`: the server shows that as `/`."""

    def __init__(self, home: Path, port: int, *, chrooted: bool = False) -> None:
        self.port = port
        self.user = getpass.getuser()
        self.password = secrets.token_urlsafe(12)
        self.root = home / "incoming"
        self.root.mkdir()
        self._shown = "" if chrooted else str(self.root)
        self.host_key = self._make_key(home / "host_ed25519")
        self.key = self._make_key(home / "id_ed25519")
        self.known_hosts = home / "known_hosts"
        public = self.host_key.with_suffix(".pub").read_text()
        self.known_hosts.write_text(f"[127.0.0.1]:{port} {public}")

    def url(self, directory: str = "") -> str:
        """The URL of a directory below that for uploads, without user info."""
        return f"sftp://127.0.0.1:{self.port}{self._shown}/{directory}"

    @staticmethod
    def _make_key(path: Path) -> Path:
        command = [need("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
        subprocess.run(command, check=True, timeout=30)
        return path


def until_it_listens(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    """Return once the server takes connections; fail with what it said if it does not."""
    for _ in range(200):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.05)
    pytest.fail(f"the server did not start: {output.read_text()}")
