"""The credentials of the matrix: keys, a certificate and an agent, made once for all cells."""

from __future__ import annotations

import getpass
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.servers import login_sshd, need, ssh_agent

from . import logins

_PASSPHRASE = "a passphrase"


class Means(NamedTuple):
    """A credential as fthg's options, as options of ssh, and as the environment of both."""

    options: Mapping[str, object]
    ssh: tuple[str, ...] = ()
    answers: str = ""  # to whatever ssh asks


class Wallet:
    """The files of a user who has a login of every kind; `authority` signs certificates."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.keys = {kind: self._make(kind, kind) for kind in ("ed25519", "ecdsa", "rsa")}
        self._encrypted = self._make("encrypted", "ed25519", _PASSPHRASE)
        self._plain = self._make("plain", "ed25519")
        self._certified = self._make("certified", "ed25519")
        self.authority = self._make("authority", "ed25519")
        stranger = self._make("stranger", "ed25519")
        users = f"{getpass.getuser()},{login_sshd.USER}"
        self.sign(self.authority, self._certified, "-n", users)
        self.sign(stranger, self._plain, "-n", users)
        self._certify_hosts()
        self.socket = str(home / "agent.sock")

    def sign(self, authority: Path, key: Path, *options: str) -> None:
        """Write KEY-cert.pub, which names an authority."""
        command = [need("ssh-keygen"), "-q", "-s", str(authority), "-I", "matrix", *options]
        subprocess.run([*command, f"{key}.pub"], check=True, timeout=30)

    def authorized(self, *, certificates: bool = False) -> list[str]:
        """Return the lines of authorized_keys; with `certificates` those of the authority count."""
        keys = [*self.keys.values(), self._encrypted, self._plain]
        lines = [_public(key) for key in keys]
        return [*lines, f"cert-authority {_public(self.authority)}"] if certificates else lines

    def means(self, credential: str, password: str) -> Means:
        """Return a credential of CREDENTIALS."""
        secret = {"password": password}
        return {
            logins.KEYS[0]: _key(self.keys["ed25519"]),
            logins.KEYS[1]: _key(self.keys["ecdsa"]),
            logins.KEYS[2]: _key(self.keys["rsa"]),
            logins.KEYS[3]: _key(self._encrypted, _PASSPHRASE, {"passphrase": _PASSPHRASE}),
            logins.KEYS[4]: Means(
                {"agent": "the right one"},
                ("-o", f"IdentityAgent={self.socket}", "-i", f"{self.keys['ecdsa']}.pub"),
            ),
            logins.CERTIFICATE: _key(self._certified),
            logins.UNACCEPTED: _key(self._plain),
            logins.PASSWORD: Means(secret, ("-o", "PubkeyAuthentication=no"), password),
            logins.PROMPT: Means(secret, ("-o", "PubkeyAuthentication=no"), password),
        }.get(credential) or _key(self.keys["ed25519"], password, secret)

    def host_certificate(self, kind: str) -> Path:
        """Return a certificate of 127.0.0.1 for a key."""
        return self._home / f"host-{kind}-cert.pub"

    def known_host(self, port: int, *, certified: bool) -> str:
        """Return the lines of known_hosts for a server that has keys of this wallet."""
        if certified:
            return f"@cert-authority [127.0.0.1]:{port} {_public(self.authority)}\n"
        return "".join(f"[127.0.0.1]:{port} {_public(key)}\n" for key in self.keys.values())

    def fill_agent(self) -> None:
        """Add all keys to the agent of SSH_AUTH_SOCK, so that the right one is not the first."""
        ssh_agent.add(*(self.keys[kind] for kind in ("ed25519", "rsa", "ecdsa")))

    def _certify_hosts(self) -> None:
        for kind, key in self.keys.items():
            copy = self._home / f"host-{kind}.pub"
            copy.write_bytes(Path(f"{key}.pub").read_bytes())
            self.sign(self.authority, copy.with_suffix(""), "-h", "-n", "127.0.0.1,localhost")

    def _make(self, name: str, kind: str, passphrase: str = "") -> Path:
        path = self._home / name
        comment = "the right one" if name == "ecdsa" else name
        command = [need("ssh-keygen"), "-q", "-t", kind, "-N", passphrase, "-C", comment]
        subprocess.run([*command, "-f", str(path)], check=True, timeout=60)
        return path


def _key(path: Path, answers: str = "", more: Mapping[str, object] = {}) -> Means:
    return Means({"key": str(path), **more}, ("-i", str(path)), answers)


def _public(key: Path) -> str:
    line = Path(f"{key}.pub").read_text()
    match = re.match(r"\S+ \S+", line)
    assert match
    return match.group()
