"""dropbear on loopback, which starts OpenSSH's sftp-server."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from . import free_port, need, own_etc
from .ssh_account import Account, serving

_SFTP_SERVER = "/usr/lib/openssh/sftp-server"
"""The path of Debian's; dropbear starts it by a link to this file."""


@contextlib.contextmanager
def running(
    home: Path, *sftp_options: str, authorized: Sequence[str] = (), options: Sequence[str] = ()
) -> Iterator[Account]:
    """Run a server with one user, by key and password, for the length of a block; needs root.

    It finds keys only in the user's home, and takes no options for sftp-server, so it sees an
    /etc/passwd and an sftp-server of its own.
    """
    program = need("dropbear", on_rhel=False)
    if os.getuid() != 0:
        pytest.skip("only root can give dropbear another /etc/passwd")
    account = Account(home, free_port(), authorized=authorized)
    host_key = home / "host_key"
    convert = [need("dropbearconvert", on_rhel=False), "openssh", "dropbear"]
    subprocess.run(
        [*convert, str(account.host_key), str(host_key)],
        check=True, timeout=30, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    keys = home / ".ssh" / "authorized_keys"
    keys.parent.mkdir(mode=0o700)
    keys.write_bytes(account.authorized_keys.read_bytes())
    keys.chmod(0o600)
    home.chmod(0o700)
    user = pwd.getpwuid(os.getuid())
    etc = own_etc.make(
        home / "etc",
        f"{user.pw_name}:x:{user.pw_uid}:{user.pw_gid}::{home}:/bin/sh\n",
        own_etc.shadow_line(user.pw_name, account.password),
    )
    wrapper, original = home / "wrapper", home / "sftp-server"
    shutil.copy(_SFTP_SERVER, original)
    wrapper.write_text(f"#!/bin/sh\nexec {original} {' '.join(sftp_options)}\n")
    wrapper.chmod(0o755)
    mounts = own_etc.seeing({wrapper: _SFTP_SERVER, etc: "/etc"})
    command = [
        *mounts,
        *(program, "-F", "-E", "-p", f"127.0.0.1:{account.port}"),
        *("-r", str(host_key), "-P", str(home / "pid"), *options),
    ]
    with serving(account, command, home / "output"):
        yield account
