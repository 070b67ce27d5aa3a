"""An SFTP server of Twisted Conch: python conch_store.py PORT HOST_KEY AUTHORIZED_KEYS.

In the environment MEANS says whether a `publickey`, a `password` or both are wanted, in any order.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Callable, Union

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from twisted.conch.avatar import ConchUser
from twisted.conch.checkers import SSHProtocolChecker, SSHPublicKeyChecker
from twisted.conch.interfaces import IConchUser, ISFTPServer
from twisted.conch.ssh import factory, filetransfer, keys, session
from twisted.conch.unix import SFTPServerForUnixConchUser
from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet import reactor
from twisted.python import components
from twisted.python.filepath import FilePath

_MEANS = os.environ.get("MEANS", "publickey").split()


class _User(ConchUser):
    """A user who stores files with the rights of the server."""

    def __init__(self) -> None:
        super().__init__()
        self.channelLookup[b"session"] = session.SSHSession
        self.subsystemLookup[b"sftp"] = filetransfer.FileTransferServer

    def getHomeDir(self) -> FilePath[str]:  # noqa: N802 - Conch's name
        return FilePath("/")

    def _runAsUser(self, call: Union[Callable[..., Any], Sequence[Any]], *words: Any) -> Any:  # noqa: N802
        calls = [(call, words)] if callable(call) else call
        return [each(*arguments) for each, arguments in calls][-1]


class _Realm:
    def requestAvatar(self, *_: Any) -> tuple[Any, ...]:  # noqa: N802 - Conch's name
        return IConchUser, _User(), lambda: None


class _Keys:
    """The lines of authorized_keys, which are those of every user."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._keys = [keys.Key.fromString(line) for line in lines]

    def getAuthorizedKeys(self, _: bytes) -> Sequence[keys.Key]:  # noqa: N802 - Conch's name
        return self._keys


class _All(SSHProtocolChecker):
    """Wants all means."""

    def areDone(self, avatarId: bytes) -> bool:  # noqa: N802, N803 - Conch's names
        return len(self.successfulCredentials[avatarId]) == len(_MEANS)


def _made() -> dict[str, keys.Key]:
    curve, modulus = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    return {"ecdsa-sha2-nistp256": keys.Key(curve), "ssh-rsa": keys.Key(modulus)}


def main(port: str, host_key: str, authorized: str) -> None:
    """Serve until the process is ended."""
    components.registerAdapter(SFTPServerForUnixConchUser, _User, ISFTPServer)
    checker = _All()
    if "publickey" in _MEANS:
        with open(authorized, encoding="utf-8") as file:
            checker.registerChecker(SSHPublicKeyChecker(_Keys(file.read().splitlines())))
    if "password" in _MEANS:
        passwords = InMemoryUsernamePasswordDatabaseDontUse()
        passwords.addUser(os.environ["USER_NAME"].encode(), os.environ["PASSWORD"].encode())
        checker.registerChecker(passwords)
    made = factory.SSHFactory()
    made.portal = Portal(_Realm(), [checker])
    # It takes signatures only of the kinds of its own keys.
    kinds = {"ssh-ed25519": keys.Key.fromFile(host_key), **_made()}
    made.privateKeys = {kind.encode(): key for kind, key in kinds.items()}
    made.publicKeys = {kind.encode(): key.public() for kind, key in kinds.items()}
    reactor.listenTCP(int(port), made, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
