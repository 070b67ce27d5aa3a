"""Exceptions of fthg, each with its exit status, and the kinds of failed transfers.

Exception
├── FthgError              1  an error of the program itself
│   ├── ConfigError        2  wrong usage or configuration: nothing was sent
│   ├── StartError         3  the run could not start, or an output could not be written
│   └── DatabaseError      4  tracking: no connection, or a query failed
└── TransferError          -  one transfer failed: data, never the end of a run
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Optional

from .peer import Peer

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "dns": "the server's name could not be resolved",
        "refused": "nothing listens on the server's port, or a firewall rejects it",
        "unreachable": "no route to the server",
        "connect_timeout": "no connection, or no complete handshake, within connect_timeout",
        "timeout": "the transfer did not finish within timeout",
        "reset": "the server closed the connection before it answered",
        "tls": "the TLS handshake failed: certificate, name, version or client certificate",
        "host_key": "the SSH host key is unknown or has changed",
        "auth": "the server refused the credentials, or a token server gave no token",
        "cut": "the server accepted the file before it had taken all of it, and took no more",
        "status": "the server answered with an unexpected status, header or body",
        "protocol": "the answer is not valid HTTP, SSH or SFTP",
        "proxy": "the proxy could not be reached, failed or refused, or a jump host refused",
        "channel": "the SSH server refused a channel or its SFTP subsystem",
        "permission": "the server does not allow writing there",
        "no_path": "the remote directory does not exist",
        "remote": "the server reported a failure: disk full, quota exceeded, a name that exists",
        "size": "the size on the server differs from the size that was sent",
        "no_file": "the directory had no file to send",
        "file": "the local file could not be read, was deleted, or changed while it was sent",
        "name": "a name or value contains characters that cannot be sent there",
        "descriptors": "this host has no file descriptor left",
        "ports": "this host has no local port or address left to connect from",
        "threads": "this host could not start another thread",
        "internal": "an error in fthg itself: please report it",
    }
)
"""Kinds of errors of one transfer, with their meanings; there are no others."""

HOST_LIMITS = frozenset({"descriptors", "ports", "threads"})
"""Kinds that name a limit of this host, and say nothing about the server."""


class FthgError(Exception):
    """An error that ends the program with `status`."""

    status = 1


class ConfigError(FthgError):
    """Wrong usage or a wrong configuration; `errors` has one line for each error."""

    status = 2

    def __init__(self, *errors: str, where: str = "") -> None:
        super().__init__("\n".join(errors))
        self.errors: Sequence[str] = errors
        self.where = where  # the errors are, as in "in jobs.yaml"; empty if not known


class StartError(FthgError):
    """A start that failed: no files, an unreadable key, an output that cannot be written.

    `errors` has one line for each reason.
    """

    status = 3

    def __init__(self, *errors: str) -> None:
        super().__init__("\n".join(errors))
        self.errors: Sequence[str] = errors


def no_thread(purpose: str, error: Exception) -> StartError:
    """Return the error of a start for which no thread could be started."""
    return StartError(
        f"no thread can be started for {purpose}: {error}; allow this user more processes "
        "(ulimit -u), or this service more tasks (TasksMax=)"
    )


class DatabaseError(FthgError):
    """A database that could not be reached, or a query that failed."""

    status = 4


class TransferError(Exception):
    """A failed transfer: its `kind` (of `KINDS`), and a `detail` for people.

    `code` is the status that the server answered, `sent` the bytes sent until then, `phases` the
    seconds of each phase that was reached, `peer` the connection.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        code: Optional[int] = None,
        sent: int = 0,
        phases: Optional[Mapping[str, float]] = None,
        peer: Optional[Peer] = None,
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.code = code
        self.sent = sent
        self.phases: Mapping[str, float] = phases or {}
        self.peer = peer
