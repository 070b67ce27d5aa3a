"""Real servers on loopback, each started by its test and ended by its process id."""

from __future__ import annotations

import os
import shutil
import socket
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
