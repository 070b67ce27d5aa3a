"""Where the soak plays: sample files, nginx for HTTP and HTTPS, sshd, all on loopback."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.servers import free_port, need, sshd
from tests.servers.certificates import client_certificate, make_ca, server_certificate

from .cleaner import digest

FILES = 300
_KIB = 1024

_CONFIG = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log crit;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{tls_port} ssl;
        ssl_certificate {cert};
        ssl_certificate_key {key};
        ssl_client_certificate {ca};
        ssl_verify_client optional;
        if (-f {directory}/sick) {{ return 503; }}
        location /plain/ {{ root {directory}/files; dav_methods PUT; }}
        location /secure/ {{
            if ($ssl_client_verify != SUCCESS) {{ return 403; }}
            root {directory}/files;
            dav_methods PUT;
        }}
    }}
}}
"""


class Web:
    """nginx, which can be stopped, frozen and made sick; uploads go to `plain` and `secure`."""

    def __init__(self, directory: Path) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self.plain = directory / "files" / "plain"
        self.secure = directory / "files" / "secure"
        for path in (self.plain, self.secure):
            path.mkdir(parents=True)
        authority = make_ca(directory)
        self.ca = authority.cert
        self.client = client_certificate(authority, directory)
        server = server_certificate(authority, directory)
        self._sick = directory / "sick"
        self._config = directory / "nginx.conf"
        self._config.write_text(
            _CONFIG.format(
                directory=directory,
                port=self.port,
                tls_port=self.tls_port,
                cert=server.cert,
                key=server.key,
                ca=self.ca,
            )
        )
        self._words = [need("nginx"), "-p", str(directory), "-c", str(self._config)]
        self._words += ["-e", str(directory / "error.log")]
        self._process = self._run()

    def start(self) -> None:
        """Listen again on the same ports."""
        self._process = self._run()

    def _run(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self._words)
        for _ in range(200):
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return process
            time.sleep(0.05)
        raise RuntimeError("nginx does not listen")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it and all its connections at once."""
        self._process.send_signal(number)
        self._process.wait(10)

    def kill(self) -> None:
        """End it with no word to anybody."""
        self.stop(signal.SIGKILL)

    def freeze(self) -> None:
        """Connections are taken by the kernel, but nobody answers."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        self._process.send_signal(signal.SIGCONT)

    def sicken(self) -> None:
        """Answer 503 to all."""
        self._sick.touch()

    def heal(self) -> None:
        """Take files again."""
        self._sick.unlink()


class Stage:
    """All that a soak needs: the servers, and sample files with their digests."""

    def __init__(self, web: Web, ssh: sshd.Sshd, files: Path, digests: Mapping[str, str]) -> None:
        self.web = web
        self.ssh = ssh
        self.files = files
        self.digests = digests


@contextlib.contextmanager
def staged(seed: int) -> Iterator[Stage]:
    """A stage for the length of a block; uploads are kept in memory, the disk is nobody's merit."""
    with tempfile.TemporaryDirectory(prefix="fthg-soak-", dir="/dev/shm") as here:
        directory = Path(here)
        directory.chmod(0o755)
        for name in ("nginx", "ssh", "samples"):
            (directory / name).mkdir()
        digests = make_samples(directory / "samples", seed)
        with sshd.running(directory / "ssh") as ssh:
            web = Web(directory / "nginx")
            try:
                yield Stage(web, ssh, directory / "samples", digests)
            finally:
                web.kill()


def make_samples(directory: Path, seed: int) -> Mapping[str, str]:
    """Random files, mostly small, with their digests by name: an empty one, 1 MiB for every
    hundredth, between 100 bytes and 128 KiB for the rest, each size as likely as its double."""
    dice, digests = random.Random(seed), {}
    for number in range(FILES):
        size = int(100 * 1310.72 ** dice.random())
        if number % 100 == 99:
            size = _KIB * _KIB
        name = f"sample-{number:03}.dat" if number else "empty.dat"
        content = os.urandom(size) if number else b""
        (directory / name).write_bytes(content)
        digests[name] = digest(content)
    return digests
