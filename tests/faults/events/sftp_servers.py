"""SFTP servers that are slow with their writes, or that have much to say beside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import missing

from ..case import Case, matrix, nothing
from ..servers import AsynchronousSsh, Ssh
from ..world import World

_PROGRAMS = "/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server"
_FLOOD = "head -c 64000000 /dev/zero | tr '\\0' x >&2 &"


@contextmanager
def chattering(world: World) -> Iterator[None]:
    """Let the server write 64 MB to the standard error of every channel."""
    assert isinstance(world.target, Ssh)
    found = next((path for path in _PROGRAMS if Path(path).exists()), None)
    script = world.directory / "sftp-server.sh"
    script.write_text(f"#!/bin/sh\n{_FLOOD}\nexec {found or missing('sftp-server')}\n")
    script.chmod(0o755)
    world.target.options = [f"Subsystem sftp {script}"]
    world.target.stop()
    world.target.start()
    yield


CASES: list[Case] = [
    *matrix(
        "asynchronous server",
        nothing,
        protocols=("sftp",),
        target=AsynchronousSsh,
        felt=False,
        fast=("sftp open",),
    ),
    *matrix(
        "asynchronous server, atomic",
        nothing,
        protocols=("sftp",),
        target=AsynchronousSsh,
        keys={"atomic": True},
        felt=False,
    ),
    *matrix(
        "server floods standard error",
        nothing,
        protocols=("sftp",),
        stage=chattering,
        felt=False,
        fast=("sftp open",),
    ),
]
