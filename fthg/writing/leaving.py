"""Ends a process whose files hang: a child is left behind to close them."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
from collections.abc import Sequence
from contextlib import suppress
from select import POLLIN

from .writer import some_write

# PyDLL keeps the interpreter's lock: in the child, nobody would give it back.
_libc = ctypes.PyDLL(None)
_CLONE = {"x86_64": 56, "aarch64": 220, "ppc64le": 120}  # the number of the system call
_CLONE_FILES = 0x400
_LONGEST = 60_000  # milliseconds


def leave_hanging_files() -> None:
    """Allow this process to end at once, though its threads hang in files; call it just before.

    A process that ends closes its files, and with NFS or FUSE waits there for the server, whatever
    kills it. So a child shares its descriptors until it has ended, and then closes them. Where no
    thread writes any more there is none.
    """
    number = _CLONE.get(platform.machine())
    if not some_write() or number is None:
        return
    streams = _streams()
    try:
        parent = struct.pack("ihh", os.pidfd_open(os.getpid()), POLLIN, 0)
    except (AttributeError, OSError):  # an old kernel
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    if _libc.syscall(number, _CLONE_FILES, 0, 0, 0, 0) == 0:
        _libc.poll(parent, 1, _LONGEST)  # until the parent is gone, with all its threads
        for fd in streams:
            _libc.close(fd)
        _libc._exit(0)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _streams() -> Sequence[int]:
    """Return what can be closed without waiting: others wait for the end of a pipe or socket."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the directory itself is closed by now
            target = os.readlink(f"/proc/self/fd/{name}")
            if target.startswith("/dev/") or not target.startswith("/"):
                found.append(int(name))
    return found
