"""System files of a server's own: it sees an /etc/passwd or /etc/shadow that nothing else sees."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Union

from . import need


def binding(files: Mapping[Path, Union[str, Path]]) -> list[str]:
    """Return the words before a command that sees each file at its place; only root can."""
    mounts = [f"mount --bind {file} {place}" for file, place in files.items()]
    return [need("unshare"), "--mount", "sh", "-c", " && ".join([*mounts, 'exec "$0" "$@"'])]


def shadow_line(user: str, password: str, *, changed: int = 20000) -> str:
    """Return a user's line in /etc/shadow; a password `changed` on day 0 has expired."""
    done = subprocess.run(
        [need("openssl"), "passwd", "-6", "-stdin"],
        input=password.encode(), stdout=subprocess.PIPE, check=True, timeout=30,
    )  # fmt: skip
    return f"{user}:{done.stdout.decode().strip()}:{changed}:0:99999:7:::\n"
