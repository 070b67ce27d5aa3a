"""The servers that all tools are measured with, nginx and sshd, on the server's core."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import free_port, sshd
from tests.servers.certificates import make_ca, server_certificate
from tests.servers.nginx import NginxProcess, tls_lines

from .machine import SERVER

_ANSWER = r"""
    add_header X-Request-Id $request_id;
    default_type application/json;
    return 200 '{"id": "$request_id", "status": "stored", "file": "$http_x_filename",
 "transfer": "$http_x_transfer_id", "received": $msec, "at": "$time_iso8601",
 "connection": {"number": $connection, "request": $connection_requests, "port": "$remote_port"},
 "links": {"self": "/transfers/$request_id", "content": "/transfers/$request_id/content"}}\n';
"""
"""No two answers are the same, as those of real servers."""

_HTTP = """
    access_log off;
    client_body_buffer_size 2m;
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
        {certificate}
        location /small {{ {answer} }}
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
        location / {{ {answer} }}
    }}
"""


class Nginx:
    """A running server that reads bodies and discards them."""

    def __init__(self) -> None:
        self.port = free_port()
        self.tls_port = free_port()
        self.pid = 0
        self._asked = 0

    def url(self, path: str, tls: bool = False) -> str:
        """Return the URL of a path to POST to: `/small` or `/large`."""
        scheme, port = ("https", self.tls_port) if tls else ("http", self.port)
        return f"{scheme}://127.0.0.1:{port}{path}"

    def requests(self) -> int:
        """Return the number of requests; one to /large counts twice, once for the inner request."""
        self._asked += 1
        with socket.create_connection(("127.0.0.1", self.port)) as asking:
            asking.sendall(b"GET /status HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: asking.recv(4096), b""))
        counts = re.search(rb"\n (\d+) (\d+) (\d+) ", answer)
        if counts is None:
            raise RuntimeError(f"nginx returned no status: {answer!r}")
        return int(counts.group(3)) - self._asked


@contextmanager
def nginx(directory: Path) -> Iterator[Nginx]:
    """Run nginx for the length of a block."""
    pair = server_certificate(make_ca(directory), directory)
    server = Nginx()
    process = NginxProcess(directory, server.port)
    process.prefix = ("taskset", "-c", str(SERVER))
    try:
        process.start(
            _HTTP.format(
                directory=directory,
                answer=_ANSWER,
                certificate=tls_lines(pair),
                port=server.port,
                tls_port=server.tls_port,
            )
        )
        server.pid = process.pid
        yield server
    finally:
        process.stop()


@contextmanager
def ssh_server(directory: Path) -> Iterator[sshd.Sshd]:
    """Run OpenSSH's server for the length of a block."""
    with sshd.running(directory) as server:
        os.sched_setaffinity(server.pid, {SERVER})
        yield server
