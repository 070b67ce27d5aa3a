"""OpenSSH's sshd with a user who has a password, and nobody else on the machine has that user."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import need, own_etc
from .sshd import Sshd

USER = "partner"

_PAM = """
auth required pam_unix.so
account required pam_unix.so
session required pam_permit.so
"""


class LoginSshd(Sshd):
    """A server that sees an /etc of its own, with a user and rules of PAM; needs root.

    `user` has `password`.
    """

    def __init__(self, home: Path, *, expired: bool = False) -> None:
        need("sshd")
        if os.getuid() != 0:
            pytest.skip("only root can give sshd another /etc/passwd")
        super().__init__(home)
        self.user, self.password = USER, secrets.token_urlsafe(12)
        users = [
            f"{each.pw_name}:x:{each.pw_uid}:{each.pw_gid}::{each.pw_dir}:{each.pw_shell}\n"
            for each in pwd.getpwall()
        ]
        etc = own_etc.make(
            home / "etc",
            "".join([*users, f"{self.user}:x:0:0::{home}:/bin/sh\n"]),
            own_etc.shadow_line(self.user, self.password, changed=0 if expired else 20000),
        )
        (etc / "pam.d/sshd").write_text(_PAM)
        self.prefix = own_etc.seeing({etc: "/etc"})


@contextlib.contextmanager
def running(home: Path, *options: str, expired: bool = False) -> Iterator[LoginSshd]:
    """Run one for the length of a block."""
    server = LoginSshd(home, expired=expired)
    try:
        server.start(*options)
        yield server
    finally:
        server.stop()
