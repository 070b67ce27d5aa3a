"""Real servers on loopback, each started by its test and ended by its process id."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from typing import NoReturn

import pytest


def need(program: str, *, on_rhel: bool = True) -> str:
    """The program's path; without it the test is skipped, but under CI it fails.

    `on_rhel` False: RHEL does not ship it, and nobody there has to have it.
    """
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    return found or missing(program, on_rhel=on_rhel)


def missing(what: str, *, on_rhel: bool = True) -> NoReturn:
    """Skip a test for what is not installed; under CI let it fail, see `need`."""
    if os.environ.get("CI") == "true" and (on_rhel or shutil.which("apt-get")):
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is not installed")


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(address: str, port: int, prefix: Sequence[str] = ()) -> bool:
    """True if somebody takes connections there, as a command after these words sees it."""
    if prefix:
        knock = f"exec 3<> /dev/tcp/{address}/{port}"
        command = [*prefix, need("timeout"), "1", need("bash"), "-c", knock]
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0
    try:
        socket.create_connection((address, port), 1).close()
    except OSError:
        return False
    return True
