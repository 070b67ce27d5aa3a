"""Dante's danted on loopback: a SOCKS5 proxy."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Iterator
from pathlib import Path

from . import free_port
from .unpacked import unpacked
from .web_store import listening

_CONFIG = """
logoutput: {home}/danted.log
internal: 127.0.0.1 port = {port}
external: 127.0.0.1
external.rotation: same-same
clientmethod: none
socksmethod: none
user.privileged: {user}
user.unprivileged: {user}
client pass {{ from: 127.0.0.0/8 to: 127.0.0.0/8 }}
socks pass {{ from: 127.0.0.0/8 to: 127.0.0.0/8 command: connect }}
"""


@contextlib.contextmanager
def running(home: Path) -> Iterator[str]:
    """Run one for the length of a block; yield HOST:PORT."""
    found, port = unpacked("danted", "usr/sbin/danted"), free_port()
    config = home / "danted.conf"
    config.write_text(_CONFIG.format(home=home, port=port, user=getpass.getuser()))
    command = [found.program, "-N", "1", "-f", str(config), "-p", str(home / "pid")]
    with listening(command, port, home / "output", env=found.environment):
        yield f"127.0.0.1:{port}"
