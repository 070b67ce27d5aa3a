"""Real servers on loopback, each started by its test and ended by its process id."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from fthg.lab import ports
from fthg.lab.ports import free_port

__all__ = ["ending", "free_port", "listens", "missing", "need", "wait_until_it_listens"]


def need(program: str, *, on_rhel: bool = True) -> str:
    """Return the program's path; without it the test is skipped, but under CI it fails.

    `on_rhel` False: RHEL does not ship it, so that it is not required there.
    """
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    return found or missing(program, on_rhel=on_rhel)


def missing(what: str, *, on_rhel: bool = True) -> NoReturn:
    """Skip a test whose program is not installed; under CI fail it, see `need`."""
    if os.environ.get("CI") == "true" and (on_rhel or shutil.which("apt-get")):
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is not installed")


def listens(address: str, port: int, prefix: Sequence[str] = ()) -> bool:
    """Return True if a server accepts connections there, from a command with this prefix."""
    if prefix:
        knock = f"exec 3<> /dev/tcp/{address}/{port}"
        command = [*prefix, need("timeout"), "1", need("bash"), "-c", knock]
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0
    return ports.listens(port, address)


def wait_until_it_listens(
    process: subprocess.Popen[bytes],
    port: int,
    log: Path,
    *,
    address: str = ports.HOST,
    prefix: Sequence[str] = (),
) -> None:
    """Return once a server accepts connections; RuntimeError with its log if it does not."""
    for _ in range(200):
        if process.poll() is not None:
            break
        if listens(address, port, prefix):
            return
        time.sleep(0.05)
    said = log.read_text() if log.exists() else "without a log"
    raise RuntimeError(f"{process.args!r} did not start: {said}")


@contextmanager
def ending(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a server after a block, by a signal or else by force."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
