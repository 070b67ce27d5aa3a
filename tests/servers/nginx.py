"""A real nginx that stores what is sent to it, plain, in TLS, and with client certificates."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Optional

import gevent

from . import free_port, need
from .certificates import Pair

_CONFIG = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log info;
events {{ worker_connections 1024; }}
http {{
    log_format fthg '$request_method $request_uri $status $request_length $connection '
                    '$ssl_protocol $ssl_session_reused $ssl_client_s_dn';
    access_log {directory}/access.log fthg;
    client_max_body_size 0;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
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
        location /moved/ {{ return 307 $scheme://$http_host/landed$request_uri; }}
        location /fast/ {{ proxy_pass http://unix:{directory}/sink.sock:/; }}
    }}
    server {{
        listen unix:{directory}/sink.sock;
        location / {{ return 200 "stored\\n"; }}
    }}
}}
"""


class Nginx(NamedTuple):
    """A running server."""

    url: str  # without a slash at its end
    port: int
    directory: Path

    def stored(self, path: str) -> bytes:
        """What was PUT there."""
        return (self.directory / "files" / path.lstrip("/")).read_bytes()

    def posted(self) -> list[bytes]:
        """The bodies that were sent to /post/, in order."""
        return [path.read_bytes() for path in sorted((self.directory / "body").iterdir())]

    def log(self, about: str, count: int) -> list[list[str]]:
        """method, uri, status, length, connection, TLS version, resumed, client: one a request.

        Those whose URI begins with `about`, once there are `count`: nginx logs after it answers.
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
    """Run one; with a certificate it speaks TLS, with a CA it asks for the client's."""
    program, port = need("nginx"), free_port()
    for name in ("files", "body"):
        (directory / name).mkdir(parents=True)
    directory.chmod(0o755)
    ssl = "ssl" if certificate else ""
    tls = _tls(certificate, protocols, client_ca) if certificate else ""
    config = directory / "nginx.conf"
    config.write_text(_CONFIG.format(directory=directory, port=port, tls=tls, ssl=ssl))
    command = [program, "-p", str(directory), "-c", str(config), "-e", str(directory / "error.log")]
    process = subprocess.Popen(command)
    try:
        _wait(port, process, directory)
        yield Nginx(f"http{'s' if certificate else ''}://localhost:{port}", port, directory)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _tls(certificate: Pair, protocols: str, client_ca: Optional[Path]) -> str:
    lines = [
        f"ssl_certificate {certificate.cert};",
        f"ssl_certificate_key {certificate.key};",
        f"ssl_protocols {protocols};",
    ]
    if client_ca:
        lines += [f"ssl_client_certificate {client_ca};", "ssl_verify_client on;"]
    return "\n".join(lines)


def _wait(port: int, process: subprocess.Popen[bytes], directory: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError((directory / "error.log").read_text())
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            gevent.sleep(0.05)
    raise RuntimeError("nginx does not listen")
