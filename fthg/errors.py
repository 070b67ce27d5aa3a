"""Every way fthg can fail, each with the exit status that it ends in.

Exception
├── FthgError              1  an error of the program itself
│   ├── ConfigError        2  wrong usage or configuration: nothing was sent
│   ├── StartError         3  the run could not start
│   └── DatabaseError      4  tracking: no connection, or a query failed
└── TransferError          -  one transfer failed: data, never the end of a run
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Optional

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "dns": "the server's name could not be resolved",
        "refused": "nothing listens on the server's port, or a firewall rejects it",
        "unreachable": "no route to the server, or no local port or address left to call from",
        "connect_timeout": "no connection, or no finished handshake, within connect_timeout",
        "timeout": "the transfer was not done within timeout",
        "reset": "the server cut the connection before it had answered",
        "tls": "the TLS handshake failed: certificate, name, version or client certificate",
        "host_key": "the SSH host key is unknown or has changed",
        "auth": "the server refused the credentials",
        "status": "the server answered with a status that is not expected",
        "protocol": "the answer is not valid HTTP, SSH or SFTP",
        "proxy": "the proxy could not be reached, or refused",
        "channel": "the SSH server refused a channel or its SFTP subsystem",
        "permission": "the server denies writing there",
        "no_path": "the remote directory does not exist",
        "remote": "the server reported a failure of its own: disk full, quota, a name that exists",
        "size": "the size at the server differs from the size sent",
        "no_file": "the directory had no file to send",
        "file": "the local file could not be read, vanished, or changed while it was sent",
        "name": "a name or value holds characters that cannot be sent in its place",
        "descriptors": "this host has no file descriptor left",
        "internal": "an error in fthg itself: please report it",
    }
)
"""What can go wrong with one transfer: each kind and what it means, the only ones there are."""


class FthgError(Exception):
    """An error that ends the program with `status`."""

    status = 1


class ConfigError(FthgError):
    """Wrong usage or configuration: `errors` holds one line for each error found."""

    status = 2

    def __init__(self, *errors: str, where: str = "") -> None:
        super().__init__("\n".join(errors))
        self.errors: Sequence[str] = errors
        self.where = where  # the errors are, as in "in jobs.yaml"; empty if not known


class StartError(FthgError):
    """The run could not start: no files, an unreadable key, an output that cannot be written."""

    status = 3


class DatabaseError(FthgError):
    """A database could not be reached, or a query failed."""

    status = 4


class TransferError(Exception):
    """One transfer failed: its `kind` (of `KINDS`), a `detail` for people, and how far it came."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        code: Optional[int] = None,
        sent: int = 0,
        phases: Optional[Mapping[str, float]] = None,
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.code = code
        self.sent = sent
        self.phases: Mapping[str, float] = phases or {}
