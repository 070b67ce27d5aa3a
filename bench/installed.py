"""Which programs that are used here are installed."""

from __future__ import annotations

import os
import shutil

from .http_peers import PEERS

_COMMANDS = ("wrk", "hey", "sftp", "lftp", "rclone")


def missing() -> list[str]:
    """Return the peers, and the servers that are not always needed, that are not here."""
    names = {"k6": PEERS / "k6", "Locust": PEERS / "locust"}
    gone = [name for name, path in names.items() if not path.exists()]
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    commands = {"MariaDB": "mariadbd", **{name: name for name in _COMMANDS}}
    return gone + [name for name, one in commands.items() if not shutil.which(one, path=path)]
