"""OpenSSH's ssh-agent, for the length of a block."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from gevent import socket

from ..waiting import until
from . import need


@contextlib.contextmanager
def running(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run an agent that listens at this path; set SSH_AUTH_SOCK to use it."""
    command = [need("ssh-agent"), "-D", "-a", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: _listens(path))
        yield process
    finally:
        process.kill()
        process.wait(10)


def add(*keys: Path) -> None:
    """Add keys, and their certificates, to the agent of SSH_AUTH_SOCK."""
    subprocess.run([need("ssh-add"), "-q", *map(str, keys)], check=True, timeout=30)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return not probe.connect_ex(str(path))
