"""Reaches servers over a jump host: an SSH connection in a channel of another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import paramiko
from paramiko.ssh_exception import ChannelException

from ....errors import StartError, TransferError
from ...dial import OnPhase
from ...endpoint import Endpoint
from ...paramiko_fixes.timeouts import NEVER
from ...proxy import ascii_name
from ...secret_text import SecretText
from ..options import SftpOptions
from . import private_keys
from .algorithms import Algorithms
from .connection import SshConnection
from .host_keys import HostKeys
from .jump import Jump
from .jump_stream import JumpStream, beneath
from .link import Link
from .login import Account
from .way import Reach, Reached

_WINDOW = 256 * 1024
"""Bytes that the server may send before some are read, as in channel.py."""

_CONNECT_FAILED = 2  # RFC 4254, 5.1
_KINDS: Mapping[str, str] = {
    "refused": "refused",
    "errno 111": "refused",  # asyncssh has no more words for it
    "timed out": "connect_timeout",
    "not known": "dns",
    "unknown host": "dns",
    "resolution": "dns",
    "resolve": "dns",
}
"""Words of a jump host that could not connect to the server → kind; others: unreachable."""

Connect = Callable[[Account, HostKeys, Reach, Algorithms], SshConnection]
"""Makes a connection that is not open yet, with all other settings of the job."""


class JumpAccount(Account):
    """The user at a jump host."""

    __slots__ = ()

    @property
    def server(self) -> str:
        """Host and port as people read them, and that it is not the job's server."""
        return f"{self.host} port {self.port} (jump host)"


class JumpHost:
    """A jump host; each connection over it has one of its own to the host."""

    def __init__(
        self,
        account: JumpAccount,
        host_keys: HostKeys,
        connect: Connect,
        algorithms: Algorithms,
    ) -> None:
        self._account = account
        self._host_keys = host_keys
        self._algorithms = algorithms
        self._connect = connect

    def over(self, reach: Reach, options: SftpOptions) -> Reach:
        """Return the function that reaches servers over this host, itself reached by `reach`."""

        def reach_over(host: str, port: int, on_phase: OnPhase) -> Reached:
            def to_jump(host: str, port: int, enter: OnPhase) -> Reached:
                return reach(host, port, lambda phase: (enter(phase), on_phase(phase)))

            connection = self._connect(self._account, self._host_keys, to_jump, self._algorithms)
            return self._open(connection, options.destination(host, port))

        return reach_over

    def _open(self, connection: SshConnection, target: Endpoint) -> Reached:
        name = self._account.server
        asked = False

        def ask(link: Link) -> paramiko.Channel:
            nonlocal asked
            asked = True
            return _open_channel(link, target, name)

        try:
            channel = connection.connect(ask)
        except TransferError as error:
            detail = error.detail
            if asked and error.kind == "connect_timeout":
                detail = f"{name}: no connection to {target} within connect_timeout"
            elif name not in detail and error.kind != "proxy":  # which is in front of it
                detail = f"jump host {detail}"
            raise TransferError(error.kind, detail, code=error.code, peer=error.peer) from error
        stream = JumpStream(channel, connection, name)
        return Reached(stream.as_socket(), lost=stream.lost)


def jump_account(jump: Jump, account: Account) -> JumpAccount:
    """Return the user at the jump host; without a key of its own the job's means are tried.

    Raises StartError if its key cannot be used.
    """
    user = jump.user or account.user
    password = None if jump.password_file is None else SecretText(jump.password_file)
    if jump.key is not None:
        with naming_jump():
            key = private_keys.load(jump.key, jump.passphrase)
        return JumpAccount(jump.host, jump.port, user, key=key, password=password)
    own = account._replace(host=jump.host, port=jump.port, user=user)
    if password is not None:
        own = own._replace(password=password)
    return JumpAccount(*own)


@contextmanager
def naming_jump() -> Iterator[None]:
    """Name the jump host's key in StartErrors of this block."""
    try:
        yield
    except StartError as error:
        raise StartError(f"jump.{error}") from None


def _open_channel(link: Link, target: Endpoint, name: str) -> paramiko.Channel:
    """Make the jump host connect to the target; raises TransferError."""
    source = beneath(link.transport).getsockname()[:2]
    try:
        return link.transport.open_channel(
            "direct-tcpip",
            (ascii_name(target.host), target.port),
            source,
            window_size=_WINDOW,
            timeout=NEVER,
        )
    except ChannelException as error:
        words = link.log.refusal or error.text
        if error.code != _CONNECT_FAILED:
            reason = f"{name}: it opens no connection to {target}: {error.text} ({words})"
            raise TransferError("proxy", reason, code=error.code) from error
        detail = f"{target}: {words}, says {name}"
        raise TransferError(kind_of(words), detail, code=error.code) from error


def kind_of(words: str) -> str:
    """Return the kind of a jump host's failure to connect to the server, by its words."""
    found = (kind for part, kind in _KINDS.items() if part in words.lower())
    return next(found, "unreachable")
