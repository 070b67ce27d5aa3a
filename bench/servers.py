"""The servers that all tools are measured with, nginx and sshd, on the server's core."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import free_port, need, sshd
from tests.servers.certificates import make_ca, server_certificate

from .machine import SERVER

_CONFIG = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_buffer_size 2m;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    upstream sink {{
        server unix:{directory}/sink.sock;
        keepalive 64;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{tls_port} ssl;
        ssl_certificate {cert};
        ssl_certificate_key {key};
        location /small {{ return 200 "stored\\n"; }}
        # A body that is larger than one read must be read to its end before there is an answer.
        location /large {{
            proxy_pass http://sink/;
            proxy_http_version 1.1;
            proxy_pass_request_body off;
            proxy_set_header Connection "";
            proxy_set_header Content-Length "";
        }}
        location /status {{ stub_status; }}
    }}
    server {{
        listen unix:{directory}/sink.sock;
        location / {{ return 200 "stored\\n"; }}
    }}
}}
"""


class Nginx:
    """A running server that reads bodies and throws them away."""

    def __init__(self) -> None:
        self.port = free_port()
        self.tls_port = free_port()
        self.pid = 0
        self._asked = 0

    def url(self, path: str, tls: bool = False) -> str:
        """Of a place to POST to: `/small` or `/large`."""
        scheme, port = ("https", self.tls_port) if tls else ("http", self.port)
        return f"{scheme}://127.0.0.1:{port}{path}"

    def requests(self) -> int:
        """How many requests it has had; /large makes two of each, one of them within itself."""
        self._asked += 1
        with socket.create_connection(("127.0.0.1", self.port)) as asking:
            asking.sendall(b"GET /status HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: asking.recv(4096), b""))
        counts = re.search(rb"\n (\d+) (\d+) (\d+) ", answer)
        if counts is None:
            raise RuntimeError(f"nginx tells no status: {answer!r}")
        return int(counts.group(3)) - self._asked


@contextmanager
def nginx(directory: Path) -> Iterator[Nginx]:
    """Run it, ended with the block."""
    pair = server_certificate(make_ca(directory), directory)
    server = Nginx()
    config = directory / "nginx.conf"
    config.write_text(
        _CONFIG.format(
            directory=directory,
            cert=pair.cert,
            key=pair.key,
            port=server.port,
            tls_port=server.tls_port,
        )
    )
    command = ["taskset", "-c", str(SERVER), need("nginx"), "-p", str(directory), "-c", str(config)]
    process = subprocess.Popen([*command, "-e", str(directory / "error.log")])
    server.pid = process.pid
    try:
        _wait(server.port)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing listens on port {port}")


@contextmanager
def ssh_server(directory: Path) -> Iterator[sshd.Sshd]:
    """Run OpenSSH's server, ended with the block."""
    with sshd.running(directory) as server:
        os.sched_setaffinity(server.pid, {SERVER})
        yield server
