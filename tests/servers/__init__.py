"""Real servers on loopback, each started by its test and ended by its process id."""

from __future__ import annotations

import os
import shutil
import socket

import pytest


def need(program: str) -> str:
    """The program's path; without it the test is skipped, but under CI it fails."""
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"{program} is missing")
    pytest.skip(f"{program} is not installed")


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
