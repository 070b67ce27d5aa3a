"""Logs in at an SSH server: tries each method in turn until the server is satisfied."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, Optional

import paramiko
from paramiko.ssh_exception import (
    AuthenticationException,
    BadAuthenticationType,
    SSHException,
)

from ...errors import StartError, TransferError
from ...transfer import cut_detail
from .known_hosts import fingerprint

_LONGEST_LIST = 200
"""Characters of the methods that a server takes: their names are its own."""

Attempt = tuple[str, Callable[[], object]]
"""The name of an authentication method, and a call that tries it."""


class Account(NamedTuple):
    """A user at a server, with the credentials in the order in which they are tried."""

    host: str
    port: int
    user: str
    key: Optional[paramiko.PKey] = None
    agent: bool = False
    password: Optional[str] = None

    @property
    def server(self) -> str:
        """Host and port as people read them."""
        return f"{self.host} port {self.port}"


def check_agent() -> None:
    """Raise StartError if no agent can be reached, or if it holds no key."""
    agent = open_agent()
    try:
        if not agent.get_keys():
            raise StartError("agent: it holds no key; add one with: ssh-add")
    finally:
        agent.close()


def open_agent() -> paramiko.Agent:
    """Return a connection to the ssh-agent; StartError if there is none."""
    path = os.environ.get("SSH_AUTH_SOCK")
    if not path:
        raise StartError("agent: SSH_AUTH_SOCK is not set; start it with: eval $(ssh-agent)")
    try:
        # paramiko ignores an agent that cannot be reached, and leaks a descriptor.
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)
        return paramiko.Agent()
    except (SSHException, OSError) as error:
        raise StartError(f"agent: {path} (SSH_AUTH_SOCK) cannot be reached: {error}") from None


def log_in(transport: paramiko.Transport, account: Account, agent: Optional[paramiko.Agent]) -> str:
    """Authenticate and return the method that succeeded.

    TransferError (auth) lists what was tried. A connection that breaks meanwhile raises
    paramiko's own exception.
    """
    refused: list[str] = []
    for method, attempt in _attempts(transport, account, agent):
        try:
            attempt()
        except BadAuthenticationType as error:
            if not transport.is_active():
                raise
            allowed = ", ".join(filter(None, error.allowed_types))[:_LONGEST_LIST]
            takes = f"only {allowed}" if allowed else "no login of this user"
            refused.append(f"{method} (the server takes {takes})")
        except AuthenticationException:
            if not transport.is_active():
                raise
            refused.append(method)
        if transport.is_authenticated():
            return method
        if not refused or not refused[-1].startswith(method):
            refused.append(f"{method} (accepted, but the server wants more)")
    tried = ", ".join(refused) or "nothing, as the agent holds no key"
    reason = f"{account.server} refuses user {account.user!r}; tried: {tried}"
    raise TransferError("auth", cut_detail(reason))


def _attempts(
    transport: paramiko.Transport, account: Account, agent: Optional[paramiko.Agent]
) -> Iterator[Attempt]:
    keys: Sequence[tuple[str, paramiko.PKey]] = [("key", account.key)] if account.key else []
    held = [("agent's key", key) for key in agent.get_keys()] if agent else []
    for name, key in (*keys, *held):
        method = f"{name} {key.get_name()} {fingerprint(key.asbytes())}"
        yield method, partial(transport.auth_publickey, account.user, key)
    if account.password is not None:
        yield "password", partial(transport.auth_password, account.user, account.password)
