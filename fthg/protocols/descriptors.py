"""Recognises that this process has no file descriptor left."""

from __future__ import annotations

import errno

from ..errors import TransferError


def is_exhausted(error: OSError) -> bool:
    """Return True if the process, or the whole system, has no descriptor left."""
    return error.errno in (errno.EMFILE, errno.ENFILE)


def descriptors_exhausted(subject: str) -> TransferError:
    """Return the error of a transfer that would have needed one for `subject`."""
    reason = "this process has no file descriptor left; raise its limit (ulimit -n)"
    return TransferError("descriptors", f"{subject}: {reason}")
