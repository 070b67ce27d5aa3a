"""tinyproxy on loopback: an HTTP proxy that also tunnels by CONNECT."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from . import free_port, need
from .web_store import listening

_CONFIG = """
Port {port}
Listen 127.0.0.1
Timeout 60
LogFile "{home}/tinyproxy.log"
LogLevel Connect
PidFile "{home}/pid"
MaxClients 50
"""


@contextlib.contextmanager
def running(home: Path, user: str = "", password: str = "") -> Iterator[str]:
    """Run one for the length of a block, which asks for a user if given one; yield HOST:PORT."""
    program, port = need("tinyproxy"), free_port()
    lines = _CONFIG.format(port=port, home=home)
    if user:
        lines += f"BasicAuth {user} {password}\n"
    config = home / "tinyproxy.conf"
    config.write_text(lines)
    with listening([program, "-d", "-c", str(config)], port, home / "output"):
        yield f"127.0.0.1:{port}"
