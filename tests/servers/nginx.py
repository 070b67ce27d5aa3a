"""A real nginx that stores uploads, plain, in TLS, and with client certificates."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Optional

import gevent

from . import free_port, need, wait_until_it_listens
from .certificates import Pair

_FRAME = """
daemon off;
master_process off;
worker_rlimit_nofile 4096;
pid {directory}/nginx.pid;
error_log {directory}/error.log {level};
events {{ worker_connections 2048; }}
http {{
    client_max_body_size 0;
    client_body_temp_path {body};
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    {http}
}}
"""
_HTTP = """
    log_format fthg '$request_method $request_uri $status $request_length $connection '
                    '$ssl_protocol $ssl_session_reused $ssl_client_s_dn';
    access_log {directory}/access.log fthg;
    keepalive_requests 1000000;
    server {{
        listen 127.0.0.1:{port} {ssl};
        {tls}
        location / {{
            root {directory}/files;
            create_full_put_path on;
            dav_methods PUT DELETE;
        }}
        location /post/ {{
            client_body_in_file_only on;
            add_header X-Stored $request_body_file always;
            proxy_pass http://unix:{directory}/sink.sock:/;
        }}
        location /small/ {{ client_max_body_size 1k; return 204; }}
        location /deaf/ {{ return 200 "thanks\n"; }}
        location /moved/ {{ return 307 $scheme://$http_host/landed$request_uri; }}
        location /fast/ {{ proxy_pass http://unix:{directory}/sink.sock:/; }}
    }}
    server {{
        listen unix:{directory}/sink.sock;
        location / {{ return 200 "stored\\n"; }}
    }}
"""


class NginxProcess:
    """One nginx process; it can be stopped, frozen, and started again on the same port.

    `address` and `prefix`, the words before its command, apply to the next start.
    """

    def __init__(
        self, directory: Path, port: int, *, body: Optional[Path] = None, level: str = "crit"
    ) -> None:
        """Keep its files in `directory`, those of bodies that are being received in `body`."""
        self.address = "127.0.0.1"
        self.prefix: Sequence[str] = ()
        self._directory = directory
        self._port = port
        self._body = body or directory / "body"
        self._level = level
        self._process: Optional[subprocess.Popen[bytes]] = None

    @property
    def pid(self) -> int:
        """Return its process id."""
        assert self._process is not None
        return self._process.pid

    def start(self, http: str) -> None:
        """Start it with these lines in `http {}`; return once it listens."""
        config, log = self._directory / "nginx.conf", self._directory / "error.log"
        config.write_text(
            _FRAME.format(directory=self._directory, level=self._level, body=self._body, http=http)
        )
        words = ["-p", str(self._directory), "-c", str(config), "-e", str(log)]
        self._process = subprocess.Popen([*self.prefix, need("nginx"), *words])
        wait_until_it_listens(
            self._process, self._port, log, address=self.address, prefix=self.prefix
        )

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it with all its connections, if it runs."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(10)
            self._process = None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal: SIGSTOP freezes it, SIGCONT lets it go on."""
        assert self._process is not None
        self._process.send_signal(number)


def tls_lines(certificate: Pair) -> str:
    """Return the lines of a server that has this certificate."""
    return f"ssl_certificate {certificate.cert}; ssl_certificate_key {certificate.key};"


class Nginx(NamedTuple):
    """A running server."""

    url: str  # without a trailing slash
    port: int
    directory: Path

    def stored(self, path: str) -> bytes:
        """Return the content that was PUT there."""
        return (self.directory / "files" / path.lstrip("/")).read_bytes()

    def posted(self) -> list[bytes]:
        """Return the bodies that were sent to /post/, in order."""
        return [path.read_bytes() for path in sorted((self.directory / "body").iterdir())]

    def log(self, about: str, count: int) -> list[list[str]]:
        """Return method, uri, status, length, connection, TLS version, resumed, client of requests.

        Of those whose URI begins with `about`, once there are `count`: nginx logs after it answers.
        """
        for _ in range(100):
            lines = (self.directory / "access.log").read_text().splitlines()
            found = [
                fields for line in lines if (fields := line.split(" ", 7))[1].startswith(about)
            ]
            if len(found) >= count:
                break
            gevent.sleep(0.05)
        return found


@contextmanager
def nginx(
    directory: Path,
    certificate: Optional[Pair] = None,
    *,
    protocols: str = "TLSv1.2 TLSv1.3",
    client_ca: Optional[Path] = None,
) -> Iterator[Nginx]:
    """Run one; with a certificate it serves TLS, with a CA it asks for the client's."""
    process = NginxProcess(directory, port := free_port(), level="info")
    for name in ("files", "body"):
        (directory / name).mkdir(parents=True)
    directory.chmod(0o755)
    tls = _tls(certificate, protocols, client_ca) if certificate else ""
    ssl = "ssl" if certificate else ""
    try:
        process.start(_HTTP.format(directory=directory, port=port, tls=tls, ssl=ssl))
        yield Nginx(f"http{'s' if certificate else ''}://localhost:{port}", port, directory)
    finally:
        process.stop()


def _tls(certificate: Pair, protocols: str, client_ca: Optional[Path]) -> str:
    lines = [tls_lines(certificate), f"ssl_protocols {protocols};"]
    if client_ca:
        lines += [f"ssl_client_certificate {client_ca};", "ssl_verify_client on;"]
    return "\n".join(lines)
