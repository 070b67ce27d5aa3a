"""Starts the SSH server of a cell; cells share what they can."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Callable, TypeVar, Union

from tests.servers import asyncssh, conch, dropbear, node, proftpd, rclone
from tests.servers.login_sshd import LoginSshd
from tests.servers.ssh_account import Account
from tests.servers.sshd import Sshd

from .logins import (
    KEY_THEN_PASSWORD,
    KEY_THEN_PROMPT,
    PASSWORD,
    PASSWORD_THEN_KEY,
    PROMPT,
)
from .wallet import Wallet

Server = Union[Account, LoginSshd]
AnySshd = TypeVar("AnySshd", bound=Sshd)

_MEANS = {
    PASSWORD: "password",
    PROMPT: "keyboard-interactive",
    KEY_THEN_PASSWORD: "publickey password",
    PASSWORD_THEN_KEY: "password publickey",
    KEY_THEN_PROMPT: "publickey keyboard-interactive",
}
"""Credential → the means that a server asks for, all of them and in this order."""


def means_of(credential: str) -> str:
    """Return what a server must ask for."""
    return _MEANS.get(credential, "publickey")


class SshServers:
    """The servers that were started, by name and the means that they ask for."""

    def __init__(self, home: Path, wallet: Wallet, stack: contextlib.ExitStack) -> None:
        self._home = home
        self._wallet = wallet
        self._stack = stack
        self._started: dict[tuple[str, str], Server] = {}

    def get(self, name: str, credential: str) -> Server:
        """Return the server, which is started if it is the first cell that needs it."""
        means = means_of(credential)
        if (name, means) not in self._started:
            home = self._home / f"{name}-{means.replace(' ', '-')}"
            home.mkdir()
            start = _STARTS[name]
            server = self._stack.enter_context(start(home, self._wallet, means))
            self._started[name, means] = server
        return self._started[name, means]


Start = Callable[[Path, Wallet, str], AbstractContextManager[Server]]


@contextlib.contextmanager
def openssh(server: AnySshd, wallet: Wallet, *options: str) -> Iterator[AnySshd]:
    """Run OpenSSH's sshd with these lines of configuration and with the wallet's keys."""
    with (server.home / "authorized_keys").open("a") as file:
        file.writelines(f"{line}\n" for line in wallet.authorized())
    try:
        server.start(*options, f"TrustedUserCAKeys {wallet.authority}.pub")
        yield server
    finally:
        server.stop()


def _openssh(home: Path, wallet: Wallet, means: str) -> AbstractContextManager[Server]:
    methods = means.replace(" ", ",").replace("keyboard-interactive", "keyboard-interactive:pam")
    return openssh(LoginSshd(home), wallet, f"AuthenticationMethods {methods}", "UsePAM yes",
                   "KbdInteractiveAuthentication yes")  # fmt: skip


def _asyncssh(home: Path, wallet: Wallet, means: str) -> AbstractContextManager[Server]:
    return asyncssh.running(home, authorized=wallet.authorized(certificates=True), means=means)


def _ssh2(home: Path, wallet: Wallet, means: str) -> AbstractContextManager[Server]:
    return node.ssh2(home, authorized=wallet.authorized(), means=means)


def _dropbear(home: Path, wallet: Wallet, means: str) -> AbstractContextManager[Server]:
    options = {"publickey": ["-s"], "password": []}.get(means, ["-t"])
    return dropbear.running(home, authorized=wallet.authorized(), options=options)


def _conch(home: Path, wallet: Wallet, means: str) -> AbstractContextManager[Server]:
    return conch.running(home, authorized=wallet.authorized(), means=means)


def _proftpd(home: Path, wallet: Wallet, means: str) -> AbstractContextManager[Server]:
    chain = means.replace(" ", "+")
    return proftpd.running(home, authorized=wallet.authorized(), means=chain)


def _rclone(home: Path, wallet: Wallet, means: str) -> AbstractContextManager[Server]:
    return rclone.running(home, authorized=wallet.authorized())


_STARTS: dict[str, Start] = {
    "OpenSSH": _openssh,
    "asyncssh": _asyncssh,
    "ssh2": _ssh2,
    "dropbear": _dropbear,
    "Conch": _conch,
    "ProFTPD": _proftpd,
    "rclone": _rclone,
}
