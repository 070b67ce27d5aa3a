"""The SSH server of the lab, for SFTP only: paramiko's, with password or public key."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import paramiko
from gevent.pool import Pool
from gevent.server import StreamServer
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)

from .faults import Faults
from .ingress import Ingress
from .sftp import Files

_CONNECTIONS = 1000
_LOG = "fthg.lab.ssh"


class Server(StreamServer):  # type: ignore[misc]
    """Listens on a port, with one SSH transport per connection."""

    def __init__(
        self,
        listener: socket.socket,
        host_key: Path,
        accounts: Mapping[str, str],
        user_key: Path,
        ingress: Ingress,
        faults: Faults,
    ) -> None:
        """Identify by `host_key`; `user_key` may log in to every account."""
        super().__init__(listener, spawn=Pool(_CONNECTIONS))
        self._host_key = paramiko.Ed25519Key(filename=str(host_key))
        self._user_key = paramiko.Ed25519Key(filename=str(user_key)).get_base64()
        self._accounts = accounts
        self._ingress = ingress
        self._faults = faults
        log = logging.getLogger(_LOG)  # broken connections are not reported
        log.addHandler(logging.NullHandler())
        log.propagate = False

    def handle(self, sock: Any, address: Any) -> None:  # noqa: ARG002
        """Serve one connection until it ends."""
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport = paramiko.Transport(sock)
        try:
            self._serve(transport)
        except (paramiko.SSHException, EOFError, OSError):
            pass  # not an SSH client, or one that has disconnected
        finally:
            transport.close()

    def _serve(self, transport: paramiko.Transport) -> None:
        transport.set_log_channel(_LOG)
        transport.add_server_key(self._host_key)
        transport.set_subsystem_handler(
            "sftp",
            paramiko.SFTPServer,
            Files,
            ingress=self._ingress,
            faults=self._faults,
            connected=transport.is_active,
        )
        transport.start_server(server=Login(self._accounts, self._user_key))
        channels: list[paramiko.Channel] = []  # the transport itself holds them only weakly
        while transport.is_active():
            channel = transport.accept(1)
            channels = [each for each in channels if not each.closed]
            if channel:
                channels.append(channel)


class Login(paramiko.ServerInterface):
    """The authentication of clients."""

    def __init__(self, accounts: Mapping[str, str], key: str) -> None:
        """Accept the accounts' passwords, and the public `key` in base64."""
        self._accounts = accounts
        self._key = key

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        """Return both methods for every user."""
        return "publickey,password"

    def check_auth_password(self, username: str, password: str) -> int:
        """Accept the passwords of the accounts."""
        right = username in self._accounts and self._accounts[username] == password
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """Accept the one key for every account."""
        right = username in self._accounts and key.get_base64() == self._key
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        """Accept sessions, for the SFTP subsystem, and no forwarding."""
        if kind == "session":
            return OPEN_SUCCEEDED
        return OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
