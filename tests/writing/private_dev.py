"""A mount namespace with a /dev of its own, so that no test can harm the devices of the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Devices made anew, links as Linux has them.
_SETUP = """
set -e
mount -t tmpfs tmpfs /dev
mknod -m 666 /dev/null c 1 3
mknod -m 666 /dev/full c 1 7
mknod -m 666 /dev/zero c 1 5
mknod -m 666 /dev/urandom c 1 9
mkdir /dev/shm
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr
"""

# The devices and links must be there afterwards, too.
_CHECK = """
test -c /dev/null && test -c /dev/full && test -c /dev/zero
test "$(readlink /dev/stdout /dev/stderr)" = "$(printf '/proc/self/fd/1\\n/proc/self/fd/2')"
test "$(ls -A /dev | wc -l)" = 9
"""


def run(script: str, cwd: Path) -> str:
    """Run a shell script with its own /dev; return its standard output if all devices survive.

    `$PYTHON` is the interpreter; the script fails with its first command that does.
    """
    command = ["unshare", "--mount", "sh", "-c"]
    if subprocess.run([*command, _SETUP], check=False, capture_output=True).returncode:
        pytest.skip("only root can have a /dev of its own")
    done = subprocess.run(
        [*command, f"{_SETUP}\nPYTHON={sys.executable}\n{script}\n{_CHECK}"],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout
