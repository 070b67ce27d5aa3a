"""SOCKS5 proxies on loopback: microsocks, and OpenSSH's `ssh -D`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from . import free_port, need
from .sshd import Sshd
from .web_store import listening


@contextlib.contextmanager
def running(home: Path, user: str = "", password: str = "") -> Iterator[str]:
    """Run microsocks for a block; with a user it asks for the password; yield HOST:PORT."""
    port = free_port()
    command = [need("microsocks", on_rhel=False), "-i", "127.0.0.1", "-p", str(port)]
    if user:
        command += ["-u", user, "-P", password]
    with listening(command, port, home / "microsocks.log"):
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def over_ssh(server: Sshd) -> Iterator[str]:
    """Run `ssh -D` to a server for the length of a block; yield HOST:PORT."""
    port = free_port()
    settings = (
        "BatchMode=yes",
        f"UserKnownHostsFile={server.known_hosts}",
        "ExitOnForwardFailure=yes",
    )
    options = [word for setting in settings for word in ("-o", setting)]
    command = [need("ssh"), "-N", "-F", "none", "-i", str(server.key), *options]
    command += ["-D", f"127.0.0.1:{port}", "-p", str(server.port), f"{server.user}@127.0.0.1"]
    with listening(command, port, server.home / "ssh-d.log"):
        yield f"127.0.0.1:{port}"
