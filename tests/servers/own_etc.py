"""An /etc of a server's own, in which it finds users that the machine does not have."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Union

from . import need

_COPIED = (
    "crypto-policies", "group", "host.conf", "hosts", "ld.so.cache", "localtime", "nsswitch.conf",
    "pam.d", "pki/tls/openssl.cnf", "security", "shells", "ssh/moduli", "ssl/openssl.cnf",
)  # fmt: skip


def make(directory: Path, passwd: str, shadow: str) -> Path:
    """Make one with these users, and with what servers need of the machine's.

    It is the directory that a server must see at /etc: a file that is bound over /etc/passwd is
    gone as soon as anybody adds a user to the machine.
    """
    directory.mkdir(mode=0o755)
    for name in _COPIED:
        source, target = Path("/etc", name), directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        elif source.exists():
            shutil.copy(source, target)
    (directory / "passwd").write_text(passwd)
    (directory / "shadow").write_text(shadow)
    (directory / "shadow").chmod(0o600)
    return directory


def seeing(places: Mapping[Path, Union[str, Path]]) -> list[str]:
    """Return the words before a command that sees each path at its place; only root can."""
    mounts = [f"mount --bind {path} {place}" for path, place in places.items()]
    return [need("unshare"), "--mount", "sh", "-c", " && ".join([*mounts, 'exec "$0" "$@"'])]


def shadow_line(user: str, password: str, *, changed: int = 20000) -> str:
    """Return a user's line in /etc/shadow; a password `changed` on day 0 has expired."""
    done = subprocess.run(
        [need("openssl"), "passwd", "-6", "-stdin"],
        input=password.encode(), stdout=subprocess.PIPE, check=True, timeout=30,
    )  # fmt: skip
    return f"{user}:{done.stdout.decode().strip()}:{changed}:0:99999:7:::\n"
