"""OpenSSH's sshd on loopback, with its own keys in its own directory."""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import free_port, need, wait_until_it_listens


class Sshd:
    """A server whose configuration can be extended; keys are in `home`, uploads in `root`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.address = "127.0.0.1"
        self.prefix: list[str] = []  # words before the command, such as nsenter and its options
        self.port = free_port()
        self.user = getpass.getuser()
        self.root = home / "incoming"
        self.root.mkdir()
        self.log = home / "sshd.log"
        self.known_hosts = home / "known_hosts"
        self.host_key = self.make_key("host_ed25519", "ed25519")
        self.key = self.make_key("id_ed25519", "ed25519")
        self.trust_host()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Return the id of the listening process."""
        assert self._process is not None
        return self._process.pid

    def url(self, path: str = "") -> str:
        """Return the URL of the directory for uploads, without user info."""
        return f"sftp://127.0.0.1:{self.port}{path or self.root}"

    def make_key(self, name: str, kind: str, passphrase: str = "", *more: str) -> Path:
        """Create a key pair that may log in."""
        path = self.home / name
        command = [need("ssh-keygen"), "-q", "-t", kind, "-N", passphrase, "-f", str(path), *more]
        subprocess.run(command, check=True, timeout=30)
        if not name.startswith("host_"):
            with (self.home / "authorized_keys").open("a") as file:
                file.write(path.with_suffix(".pub").read_text())
        return path

    def trust_host(self) -> None:
        """Write known_hosts as ssh-keyscan does."""
        key = self.host_key.with_suffix(".pub").read_text()
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {key}")

    def start(self, *options: str) -> None:
        """Start it, with additional lines of sshd_config before the usual ones."""
        lines = [
            *options,
            f"Port {self.port}",
            f"ListenAddress {self.address}",
            f"HostKey {self.host_key}",
            f"AuthorizedKeysFile {self.home}/authorized_keys",
            f"PidFile {self.home}/pid",
            "StrictModes no",
            "UsePAM no",
            "PermitRootLogin yes",
            "MaxStartups 100",
            "Subsystem sftp internal-sftp",
        ]
        configuration = self.home / "sshd_config"
        configuration.write_text("\n".join(lines) + "\n")
        self.start_as_configured()

    def start_as_configured(self) -> None:
        """Start it again with its present configuration."""
        configuration = self.home / "sshd_config"
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        command = [*self.prefix, need("sshd"), "-D", "-f", str(configuration), "-E", str(self.log)]
        self._process = subprocess.Popen(command, start_new_session=True)
        wait_until_it_listens(
            self._process, self.port, self.log, address=self.address, prefix=self.prefix
        )

    def children(self) -> list[int]:
        """Return the processes that serve connections."""
        return _descendants(self.pid)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the listening process and to those that serve connections."""
        for pid in [*self.children(), self.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def cut(self) -> None:
        """End all connections; the server continues to listen."""
        for pid in self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it and all its connections."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGSTOP)  # it forks no more
        self.signal(signal.SIGKILL)
        self._process.wait(10)
        self._process = None


def _descendants(pid: int) -> list[int]:
    """Return all descendants of a process; /proc/PID/task/PID/children may omit some."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(children.get(one, ()))
    return found[1:]


@contextlib.contextmanager
def running(home: Path, *options: str) -> Iterator[Sshd]:
    """Run a server for the length of a block."""
    need("sshd")
    server = Sshd(home)
    try:
        server.start(*options)
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def password_user() -> Iterator[tuple[str, str]]:
    """Create a system user with a random password for the length of a block; needs root."""
    if os.getuid() != 0:
        pytest.skip("only root can make a user who has a password")
    name, password = f"fthg{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    command = [need("useradd"), "--no-create-home", "--home-dir", "/", "--shell", "/bin/sh", name]
    subprocess.run(command, check=True, timeout=30)
    try:
        subprocess.run(
            [need("chpasswd")], input=f"{name}:{password}".encode(), check=True, timeout=30
        )
        yield name, password
    finally:
        # Without force it refuses while a connection of that user is still being closed.
        command = [need("userdel"), "--force", name]
        subprocess.run(command, check=True, timeout=30, stderr=subprocess.DEVNULL)
