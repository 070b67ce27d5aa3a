"""The servers and sample files of a soak: nginx for HTTP and HTTPS, sshd, all on loopback."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.servers import free_port, sshd
from tests.servers.certificates import client_certificate, make_ca, server_certificate
from tests.servers.nginx import NginxProcess, tls_lines

from .cleaner import digest

FILES = 300
_KIB = 1024

_HTTP = """
    access_log off;
    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{tls_port} ssl;
        {certificate}
        ssl_client_certificate {ca};
        ssl_verify_client optional;
        if (-f {directory}/failing) {{ return 503; }}
        location /plain/ {{ root {directory}/files; dav_methods PUT; }}
        location /secure/ {{
            if ($ssl_client_verify != SUCCESS) {{ return 403; }}
            root {directory}/files;
            dav_methods PUT;
        }}
    }}
"""


class Web:
    """nginx, which can be stopped, frozen and made to fail; uploads go to `plain` and `secure`."""

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
        self._failing = directory / "failing"
        self._nginx = NginxProcess(directory, self.port)
        self._http = _HTTP.format(
            directory=directory,
            port=self.port,
            tls_port=self.tls_port,
            certificate=tls_lines(server),
            ca=self.ca,
        )
        self.start()

    def start(self) -> None:
        """Start it, on the same ports each time."""
        self._nginx.start(self._http)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it and all its connections at once."""
        self._nginx.stop(number)

    def kill(self) -> None:
        """End it without a clean close."""
        self.stop(signal.SIGKILL)

    def freeze(self) -> None:
        """Freeze it: the kernel accepts connections, but nobody answers."""
        self._nginx.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._nginx.signal(signal.SIGCONT)

    def fail(self) -> None:
        """Answer 503 to all requests."""
        self._failing.touch()

    def recover(self) -> None:
        """Accept files again."""
        self._failing.unlink()


class Stage:
    """The servers of a soak, and its sample files with their digests."""

    def __init__(self, web: Web, ssh: sshd.Sshd, files: Path, digests: Mapping[str, str]) -> None:
        self.web = web
        self.ssh = ssh
        self.files = files
        self.digests = digests


@contextlib.contextmanager
def staged(seed: int) -> Iterator[Stage]:
    """Provide a stage for the length of a block; uploads are in memory, not to measure the disk."""
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
    """Write random files and return their digests by name.

    One is empty, every hundredth has 1 MiB, the rest between 100 bytes and 128 KiB, each size as
    likely as its double.
    """
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
