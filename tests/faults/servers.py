"""The real servers of a case, nginx and sshd; they can be stopped, frozen and started again."""

from __future__ import annotations

import random
import signal
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Optional

from tests.servers import asyncssh, node
from tests.servers.certificates import Pair, make_ca, server_certificate
from tests.servers.nginx import NginxProcess, tls_lines
from tests.servers.ssh_account import Account, serving
from tests.servers.sshd import Sshd

NAME = "{uuid}-{filename}"
"""The name of every stored file; it identifies the transfer."""

_HTTP = """
    access_log off;
    keepalive_requests 1000000;
    server {{
        listen {address}:{port} {tls};
        {certificate}
        absolute_redirect off;
        location ~ ^/301/(.*)$ {{ return 301 /$1; }}
        location ~ ^/302/(.*)$ {{ return 302 /$1; }}
        location ~ ^/307/(.*)$ {{ return 307 /$1; }}
        location ~ ^/308/(.*)$ {{ return 308 /$1; }}
        location / {{ root {incoming}; dav_methods PUT; }}
    }}
"""


class Server(ABC):
    """A server on loopback with its `port`, and `incoming`, the directory of uploads.

    `address` and `prefix`, the words before its command, apply to the next start.
    """

    address = "127.0.0.1"
    prefix: Sequence[str] = ()
    port: int
    incoming: Path
    directory: Path

    @abstractmethod
    def start(self) -> None:
        """Start it, or start it again on the same port; return once it listens."""

    @abstractmethod
    def stop(self) -> None:
        """Kill it with all its connections, if it runs."""

    @abstractmethod
    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all its processes."""

    @abstractmethod
    def keys(self, port: int) -> Mapping[str, Any]:
        """Return the keys of a job that reaches it through this port of 127.0.0.1."""

    def freeze(self) -> None:
        """Freeze its processes; the kernel still accepts connections for them."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let its processes go on."""
        self.signal(signal.SIGCONT)


class Web(Server):
    """nginx that accepts PUT; with TLS it has `certificate`, signed by `ca`."""

    def __init__(self, directory: Path, tls: bool) -> None:
        self.directory = directory
        self.port = quiet_port()
        self.incoming = directory / "incoming"
        self.incoming.mkdir(parents=True)
        self.ca = make_ca(directory) if tls else None
        self.certificate: Optional[Pair] = (
            server_certificate(self.ca, directory) if self.ca else None
        )
        # Bodies are received in the same file system, so that they arrive by renaming.
        self._nginx = NginxProcess(directory, self.port, body=self.incoming / ".body", level="warn")

    def start(self) -> None:
        """Start it with its present certificate."""
        self._nginx.address, self._nginx.prefix = self.address, self.prefix
        self._nginx.start(
            _HTTP.format(
                address=self.address,
                incoming=self.incoming,
                port=self.port,
                tls="ssl" if self.certificate else "",
                certificate=tls_lines(self.certificate) if self.certificate else "",
            )
        )

    def stop(self) -> None:
        """Kill it."""
        self._nginx.stop(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its one process."""
        self._nginx.signal(number)

    def keys(self, port: int) -> Mapping[str, Any]:
        """Return URL, method, and the authority."""
        scheme = "https" if self.ca else "http"
        keys = {"url": f"{scheme}://127.0.0.1:{port}/{NAME}", "method": "PUT"}
        return {**keys, "ca": str(self.ca.cert)} if self.ca else keys


class Ssh(Server):
    """OpenSSH's server; `sshd` is the server itself, with its keys."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True)
        self.sshd = Sshd(directory)
        self.port = self.sshd.port = quiet_port()
        self.incoming = self.sshd.root

    def start(self) -> None:
        """Start it."""
        self.sshd.address, self.sshd.prefix = self.address, [*self.prefix]
        self.sshd.start()

    def stop(self) -> None:
        """Kill it."""
        self.sshd.stop()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the listener and to the process of every connection."""
        self.sshd.signal(number)

    def keys(self, port: int) -> Mapping[str, Any]:
        """Return URL, key and known hosts."""
        public = self.sshd.host_key.with_suffix(".pub").read_text()
        known_hosts = self.directory / f"known_hosts_{port}"
        known_hosts.write_text(f"[127.0.0.1]:{port} {public}")
        return {
            "url": f"sftp://{self.sshd.user}@127.0.0.1:{port}{self.incoming}",
            "key": str(self.sshd.key),
            "known_hosts": str(known_hosts),
            "remote_name": NAME,
        }


class AccountSsh(Server):
    """An SFTP server with one account, which a command starts."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True)
        self.directory = directory
        self.port = quiet_port()
        self._account = Account(directory, self.port)
        self.incoming = self._account.root
        self._serving = ExitStack()

    def start(self) -> None:
        """Start it."""
        output = self.directory / "output"
        environment = node.ssh2_environment()
        command = self.command(self._account)
        self._serving.enter_context(serving(self._account, command, output, environment))

    @abstractmethod
    def command(self, account: Account) -> list[str]:
        """Return the command."""

    def stop(self) -> None:
        """Kill it."""
        self._serving.close()

    def signal(self, number: signal.Signals) -> None:
        """Refuse: no case needs it."""
        raise NotImplementedError

    def keys(self, port: int) -> Mapping[str, Any]:
        """Return URL, key and known hosts; only for its own port."""
        assert port == self.port
        account = self._account
        return {
            "url": f"sftp://{account.user}@127.0.0.1:{port}{self.incoming}",
            "key": str(account.key),
            "known_hosts": str(account.known_hosts),
            "remote_name": NAME,
        }


class AsynchronousSsh(AccountSsh):
    """npm's ssh2, which answers writes late and in any order."""

    def command(self, account: Account) -> list[str]:
        """Return that of Node."""
        return node.ssh2_command(account)


class ChatteringSsh(AccountSsh):
    """asyncssh, which writes 8 MB to the standard error of every channel."""

    def command(self, account: Account) -> list[str]:
        """Return that of Python."""
        return [*asyncssh.command(account), str(8_000_000)]


def make_server(protocol: str, directory: Path) -> Server:
    """Return a server for `http`, `https` or `sftp`, not started yet."""
    return Ssh(directory) if protocol == "sftp" else Web(directory, protocol == "https")


def stored(server: Server) -> Iterable[Path]:
    """Return all files that have arrived."""
    return (path for path in server.incoming.iterdir() if not path.name.startswith("."))


def quiet_port() -> int:
    """Return a free port outside the range of clients, which on a dead one may reach themselves."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
