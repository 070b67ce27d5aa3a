"""Reasons and remedies for outputs that cannot be written."""

from __future__ import annotations

import errno
import os

from ..errors import StartError


def unwritable(path: str, error: OSError, label: str = "") -> StartError:
    """Return the error with path, reason and remedy; `label` names the key or the kind of file."""
    reason = error.strerror or str(error)
    return StartError(f"{label}{path} cannot be written: {reason}; {_remedy(path, error)}")


def _remedy(path: str, error: OSError) -> str:
    """Return a hint for the user who named an output that cannot be opened or written."""
    directory = os.path.dirname(os.path.realpath(path))
    # If the file itself was refused, its directory need not change.
    name = error.filename
    denied = f"to {name}" if isinstance(name, str) and os.path.exists(name) else f"in {directory}"
    return {
        errno.ENOENT: f"create the directory {directory}, or name a file elsewhere",
        errno.ENOTDIR: f"{directory} is not a directory; name a file elsewhere",
        errno.EISDIR: "name a file in that directory",
        errno.ENXIO: "it is a pipe that nobody reads; start its reader first",
        errno.EACCES: f"let this user write {denied}, or name a file elsewhere",
        errno.EPERM: f"let this user write {denied}, or name a file elsewhere",
        errno.ENAMETOOLONG: "give it a shorter name",
        errno.ENOSPC: "free some space, or name a file elsewhere",
        errno.EDQUOT: "free some space, or name a file elsewhere",
        errno.EBUSY: f"it is a mount point: mount {directory} instead, or name a file elsewhere",
        errno.EPIPE: "its reader has ended",
    }.get(error.errno or 0, "name a file elsewhere")
