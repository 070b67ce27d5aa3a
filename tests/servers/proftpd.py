"""ProFTPD with mod_sftp on loopback: an SSH and SFTP server that shares no code with OpenSSH."""

from __future__ import annotations

import contextlib
import grp
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import free_port, missing, need
from .ssh_account import Account, serving

_MODULES = "/usr/lib/proftpd", "/usr/libexec/proftpd", "/usr/lib64/proftpd"

_CONFIG = """
ServerType standalone
DefaultServer on
UseIPv6 off
DefaultAddress 127.0.0.1
Port {port}
ModulePath {modules}
LoadModule mod_sftp.c
User {account.user}
Group {group}
RootLogin on
RequireValidShell off
UseFtpUsers off
UseReverseDNS off
MaxInstances 100
AuthOrder mod_auth_file.c
AuthUserFile {home}/passwd
AuthGroupFile {home}/group
PidFile {home}/pid
ScoreboardFile {home}/scoreboard
SystemLog {home}/system.log
TransferLog none
WtmpLog off
DelayEngine off
AllowOverwrite on
SFTPEngine on
SFTPLog {home}/sftp.log
SFTPHostKey {account.host_key}
SFTPAuthMethods {means}
SFTPAuthorizedUserKeys file:{home}/authorized_keys
<Limit ALL SITE_CHMOD>
  AllowAll
</Limit>
"""


def modules() -> str:
    """Return the directory of its modules; without mod_sftp skip the test, but fail under CI."""
    need("proftpd", on_rhel=False)
    found = next((path for path in _MODULES if os.path.exists(f"{path}/mod_sftp.so")), None)
    return found or missing("ProFTPD's mod_sftp", on_rhel=False)


@contextlib.contextmanager
def running(
    home: Path,
    *options: str,
    authorized: Sequence[str] = (),
    means: str = "publickey password",
) -> Iterator[Account]:
    """Run a server with one user for the length of a block; `means` are what it takes."""
    found, account = modules(), Account(home, free_port(), authorized=authorized)
    _write_accounts(home, account)
    lines = _CONFIG.format(
        port=account.port, modules=found, group=grp.getgrgid(os.getgid()).gr_name, home=home,
        account=account, means=means,
    )  # fmt: skip
    config = home / "proftpd.conf"
    config.write_text("\n".join([lines, *options, ""]))
    command = [need("proftpd"), "--nodaemon", "--quiet", "--config", str(config)]
    with serving(account, command, home / "output"):
        yield account


def _write_accounts(home: Path, account: Account) -> None:
    done = subprocess.run(
        [need("openssl"), "passwd", "-6", "-stdin"],
        input=account.password.encode(), stdout=subprocess.PIPE, check=True, timeout=30,
    )  # fmt: skip
    digest = done.stdout.decode().strip()
    user = f"{account.user}:{digest}:{os.getuid()}:{os.getgid()}::{account.root}:/bin/sh\n"
    (home / "passwd").write_text(user)
    (home / "passwd").chmod(0o600)
    (home / "group").write_text(f"all:x:{os.getgid()}:\n")
    lines = account.authorized_keys.read_bytes().splitlines()
    (home / "authorized_keys").write_bytes(b"".join(map(_in_rfc4716, lines)))


def _in_rfc4716(line: bytes) -> bytes:
    command = [need("ssh-keygen"), "-e", "-m", "RFC4716", "-f", "/dev/stdin"]
    done = subprocess.run(command, input=line, stdout=subprocess.PIPE, check=True, timeout=30)
    return done.stdout
