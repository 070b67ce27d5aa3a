"""Recognises errors that name a limit of this host, and say nothing about a server."""

from __future__ import annotations

import errno
from typing import Optional

from ..errors import TransferError

_DESCRIPTORS = "this process has no file descriptor left; raise its limit (ulimit -n)"
_PORTS = "no local port or address is left to call from (net.ipv4.ip_local_port_range)"
_THREADS = "no thread could be started; raise the limit (ulimit -u, systemd: TasksMax=)"


def host_limit(error: BaseException, where: str) -> Optional[TransferError]:
    """Return the error of a transfer that met a limit of this host at `where`; None: it did not."""
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return TransferError("threads", f"{where}: {_THREADS}")
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.EMFILE, errno.ENFILE):
        return TransferError("descriptors", f"{where}: {_DESCRIPTORS}")
    if number == errno.EADDRNOTAVAIL:
        return TransferError("ports", f"{where}: {_PORTS}")
    return None
