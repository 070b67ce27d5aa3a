"""The whole lab: its servers and files, all ended and removed at the end."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Optional

from ..clock import SECOND, Clock
from . import http, ssh
from .certificates import make_certificates
from .dice import Dice
from .egress import Egress
from .faults import Faults
from .ingress import Ingress
from .passage import Counts, Observer, Observers
from .ports import HOST
from .private_files import write_private
from .samples import make_samples
from .settings import Settings
from .ssh_keys import make_ssh_keys

__all__ = ["HOST", "Lab"]


class Lab:
    """A practice system, running inside `with`."""

    def __init__(
        self, settings: Settings, clock: Clock, observers: Sequence[Observer] = ()
    ) -> None:
        """Notify `observers` of each file that passes."""
        self.settings = settings
        self.counts = Counts()
        self._clock = clock
        self._observers = Observers(clock, (self.counts, *observers))
        self._cleanup = ExitStack()

    def __enter__(self) -> Lab:
        """Create keys and folders, start the servers; OSError if that fails."""
        with ExitStack() as cleanup:
            self.directory = self._make_directory(cleanup)
            self._make_files()
            self._open(cleanup)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End all connections, and remove the directory if it is temporary."""
        self._cleanup.close()

    @property
    def http_url(self) -> str:
        """Return the URL of the HTTP server."""
        return f"http://{HOST}:{self.http_port}/"

    @property
    def https_url(self) -> str:
        """Return the URL of the HTTPS server."""
        return f"https://{HOST}:{self.https_port}/"

    @property
    def sftp_url(self) -> str:
        """Return the URL of the SFTP server, with the first account's name."""
        return f"sftp://{next(iter(self.settings.accounts))}@{HOST}:{self.sftp_port}/"

    def announce(self, dsns: Mapping[str, str], jobs: str) -> None:
        """Write a configuration for fthg, then all addresses to `lab.json`, for other programs."""
        urls = {"http": self.http_url, "https": self.https_url, "sftp": self.sftp_url}
        self._write("lab.yaml", jobs)
        self._write("lab.json.part", json.dumps({**urls, **dsns}))
        os.replace(self.path("lab.json.part"), self.path("lab.json"))

    def path(self, *names: str) -> str:
        """Return a path in the lab's directory."""
        return os.path.join(self.directory, *names)

    def _make_directory(self, cleanup: ExitStack) -> str:
        if self.settings.directory is not None:
            os.makedirs(self.settings.directory, exist_ok=True)
            return os.path.abspath(self.settings.directory)
        directory = tempfile.mkdtemp(prefix="fthg-lab-")
        cleanup.callback(shutil.rmtree, directory, ignore_errors=True)
        return directory

    def _make_files(self) -> None:
        for folder in ("ingress", "egress"):
            os.makedirs(self.path(folder), exist_ok=True)
        seconds = self._clock.utc() / SECOND
        now = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        self.certificates = make_certificates(Path(self.directory), now.replace(tzinfo=None))
        self.keys = make_ssh_keys(Path(self.directory))
        self._write("password", next(iter(self.settings.accounts.values())))
        make_samples(self.path("samples"), self.settings.samples)

    def _open(self, cleanup: ExitStack) -> None:
        settings, dice = self.settings, Dice(self.settings.seed)
        egress = Egress(
            self.path("egress"),
            self._clock,
            settings.processing,
            settings.egress_faults,
            dice,
            self._observers,
            self.counts,
            discard=settings.discard,
        )
        cleanup.callback(egress.stop)
        ingress = Ingress(self.path("ingress"), self._observers, egress)
        faults = Faults(self._clock, dice, self.counts, settings.delay, settings.ingress_faults)
        self._open_http(ingress, faults, cleanup)
        self._open_https(ingress, faults, cleanup)
        self._open_sftp(ingress, faults, cleanup)

    def _open_http(self, ingress: Ingress, faults: Faults, cleanup: ExitStack) -> None:
        listener = self._listen("http", self.settings.http_port, cleanup)
        reception = http.Reception(ingress, faults, protocol="http", accounts=self._http_accounts)
        self.http_port = _start(http.Server(listener, reception), cleanup)

    def _open_https(self, ingress: Ingress, faults: Faults, cleanup: ExitStack) -> None:
        listener = self._listen("https", self.settings.https_port, cleanup)
        reception = http.Reception(ingress, faults, protocol="https", accounts=self._http_accounts)
        context = http.tls_context(
            self.certificates.server,
            self.certificates.ca,
            ask=self.settings.client_certificate,
        )
        self.https_port = _start(http.Server(listener, reception, context), cleanup)

    def _open_sftp(self, ingress: Ingress, faults: Faults, cleanup: ExitStack) -> None:
        listener = self._listen("sftp", self.settings.sftp_port, cleanup)
        accounts, keys = self.settings.accounts, self.keys
        server = ssh.Server(listener, keys.host, accounts, keys.user, ingress, faults)
        self.sftp_port = _start(server, cleanup)
        public = keys.host.with_suffix(".pub").read_text("ascii")
        self._write("known_hosts", f"[{HOST}]:{self.sftp_port} {public}")

    def _listen(self, protocol: str, port: int, cleanup: ExitStack) -> socket.socket:
        try:
            return _listen(port, cleanup)
        except OSError:
            if protocol not in self.settings.movable:
                raise
            return _listen(0, cleanup)

    @property
    def _http_accounts(self) -> Optional[Mapping[str, str]]:
        return self.settings.accounts if self.settings.basic_auth else None

    def _write(self, name: str, text: str) -> None:
        write_private(Path(self.path(name)), (text.rstrip("\n") + "\n").encode())


def _listen(port: int, cleanup: ExitStack) -> socket.socket:
    try:
        listener = socket.create_server((HOST, port), backlog=4096)
    except OSError as error:
        raise OSError(f"port {port} cannot be opened: {os.strerror(error.errno or 0)}") from None
    cleanup.callback(listener.close)
    return listener


def _start(server: Any, cleanup: ExitStack) -> int:
    server.start()
    cleanup.callback(server.stop, timeout=0)
    port: int = server.server_port
    return port
