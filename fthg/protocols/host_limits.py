"""Recognises errors of this host, not the server: no descriptor, port or thread is left."""

from __future__ import annotations

import errno
from typing import Optional

from ..errors import TransferError
from ..threads import NoThreadError

_LIMITS = {
    errno.EMFILE: (
        "descriptors",
        "this process has no file descriptor left; raise its limit (ulimit -n)",
    ),
    errno.ENFILE: (
        "descriptors",
        "this host has no file descriptor left; raise its limit (fs.file-max)",
    ),
    errno.EADDRNOTAVAIL: (
        "ports",
        "no local port or address is left to connect from (net.ipv4.ip_local_port_range)",
    ),
}
_THREADS = "no thread can be started; raise the limit of processes (ulimit -u, or TasksMax=)"


def host_limit(error: BaseException, where: str) -> Optional[TransferError]:
    """Return the error of a transfer that met a limit of this host at `where`; None: it did not.

    Python's error of a thread that could not start has no number, whichever limit it was. EAGAIN
    and ENOMEM by themselves say nothing: sockets raise them for other reasons.
    """
    if isinstance(error, (NoThreadError, RuntimeError)) and "can't start new thread" in str(error):
        return TransferError("threads", f"{where}: {_THREADS}")
    if isinstance(error, OSError) and error.errno in _LIMITS:
        kind, reason = _LIMITS[error.errno]
        return TransferError(kind, f"{where}: {reason}")
    return None
