"""The SSH server of the lab, for SFTP alone: paramiko's, by password or public key."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Mapping
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
    """Listens on a port, one SSH transport a connection."""

    def __init__(
        self,
        listener: socket.socket,
        host_key: str,
        accounts: Mapping[str, str],
        user_key: str,
        ingress: Ingress,
        faults: Faults,
    ) -> None:
        """`host_key` and `user_key` are paths; that key opens every account."""
        super().__init__(listener, spawn=Pool(_CONNECTIONS))
        self._host_key = paramiko.Ed25519Key(filename=host_key)
        self._user_key = paramiko.Ed25519Key(filename=user_key).get_base64()
        self._accounts = accounts
        self._ingress = ingress
        self._faults = faults
        log = logging.getLogger(_LOG)  # broken connections are the clients' affair
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
            pass  # not a client, or one that has changed its mind
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
            alive=transport.is_active,
        )
        transport.start_server(server=Login(self._accounts, self._user_key))
        channels: list[paramiko.Channel] = []  # the transport itself holds them only weakly
        while transport.is_active():
            channel = transport.accept(1)
            channels = [each for each in channels if not each.closed]
            if channel:
                channels.append(channel)


class Login(paramiko.ServerInterface):
    """Who may come in, and what for."""

    def __init__(self, accounts: Mapping[str, str], key: str) -> None:
        """`key` is the public key in base64."""
        self._accounts = accounts
        self._key = key

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        """Password or key for everyone."""
        return "publickey,password"

    def check_auth_password(self, username: str, password: str) -> int:
        """Right for the passwords of the accounts."""
        right = username in self._accounts and self._accounts[username] == password
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """Right for the one key, for every account."""
        right = username in self._accounts and key.get_base64() == self._key
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        """Sessions, for the SFTP subsystem; no forwarding."""
        if kind == "session":
            return OPEN_SUCCEEDED
        return OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
