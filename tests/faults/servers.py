"""The real servers of a case, nginx and sshd, which can be stopped, frozen and started again."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

from tests.servers import listens, need
from tests.servers.certificates import Pair, make_ca, server_certificate
from tests.servers.sshd import Sshd

NAME = "{uuid}-{filename}"
"""Under which every file is stored: it tells which transfer brought it."""

_CONFIG = """
daemon off;
master_process off;
worker_rlimit_nofile 4096;
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path {incoming}/.body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    keepalive_requests 1000000;
    server {{
        listen {address}:{port} {tls};
        {certificate}
        location / {{ root {incoming}; dav_methods PUT; }}
    }}
}}
"""


class Server(ABC):
    """A server on loopback: `port`, and `incoming`, the directory where uploads arrive.

    `address` and `prefix`, the words before its command, count when it is started.
    """

    address = "127.0.0.1"
    prefix: Sequence[str] = ()
    port: int
    incoming: Path
    directory: Path

    @abstractmethod
    def start(self) -> None:
        """Start it, or start it again on the same port; returns once it listens."""

    @abstractmethod
    def stop(self) -> None:
        """Kill it with all its connections, if it runs."""

    @abstractmethod
    def signal(self, number: signal.Signals) -> None:
        """To all its processes."""

    @abstractmethod
    def keys(self, port: int) -> Mapping[str, Any]:
        """What a job needs in order to reach it through this port of 127.0.0.1."""

    def freeze(self) -> None:
        """Stop its processes where they are; the kernel goes on taking connections for them."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self.signal(signal.SIGCONT)


class Web(Server):
    """nginx that takes PUT; with TLS it has `certificate`, signed by `ca`."""

    def __init__(self, directory: Path, tls: bool) -> None:
        self.directory = directory
        self.port = quiet_port()
        self.incoming = directory / "incoming"
        self.incoming.mkdir(parents=True)
        self.ca = make_ca(directory) if tls else None
        self.certificate: Optional[Pair] = (
            server_certificate(self.ca, directory) if self.ca else None
        )
        self._process: Optional[subprocess.Popen[bytes]] = None

    def start(self) -> None:
        """Start it with its certificate as it is now."""
        config, pair = self.directory / "nginx.conf", self.certificate
        lines = f"ssl_certificate {pair.cert}; ssl_certificate_key {pair.key};" if pair else ""
        config.write_text(
            _CONFIG.format(
                directory=self.directory,
                address=self.address,
                incoming=self.incoming,
                port=self.port,
                tls="ssl" if pair else "",
                certificate=lines,
            )
        )
        log = self.directory / "error.log"
        command = [need("nginx"), "-p", str(self.directory), "-c", str(config), "-e", str(log)]
        self._process = subprocess.Popen([*self.prefix, *command], stderr=subprocess.DEVNULL)
        for _ in range(200):
            if self._process.poll() is not None:
                raise RuntimeError(f"nginx did not start: {log.read_text()}")
            if listens(self.address, self.port, self.prefix):
                return
            time.sleep(0.05)
        raise RuntimeError("nginx does not listen")

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def signal(self, number: signal.Signals) -> None:
        """To its one process."""
        assert self._process is not None
        self._process.send_signal(number)

    def keys(self, port: int) -> Mapping[str, Any]:
        """URL, method, and the authority."""
        scheme = "https" if self.ca else "http"
        keys = {"url": f"{scheme}://127.0.0.1:{port}/{NAME}", "method": "PUT"}
        return {**keys, "ca": str(self.ca.cert)} if self.ca else keys


class Ssh(Server):
    """sshd; `sshd` is the server itself, with its keys."""

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
        """To the listener and to the process of every connection."""
        self.sshd.signal(number)

    def keys(self, port: int) -> Mapping[str, Any]:
        """URL, key and known hosts."""
        public = self.sshd.host_key.with_suffix(".pub").read_text()
        known_hosts = self.directory / f"known_hosts_{port}"
        known_hosts.write_text(f"[127.0.0.1]:{port} {public}")
        return {
            "url": f"sftp://{self.sshd.user}@127.0.0.1:{port}{self.incoming}",
            "key": str(self.sshd.key),
            "known_hosts": str(known_hosts),
            "remote_name": NAME,
        }


def make_server(protocol: str, directory: Path) -> Server:
    """A server for `http`, `https` or `sftp`, not started yet."""
    return Ssh(directory) if protocol == "sftp" else Web(directory, protocol == "https")


def stored(server: Server) -> Iterable[Path]:
    """All that has arrived."""
    return (path for path in server.incoming.iterdir() if not path.name.startswith("."))


def quiet_port() -> int:
    """A free port that no client is given: who calls a dead port of those may reach itself."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
