"""The journal of systemd: whether a stream leads there, and lines with priorities for it."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

STDERR = 2

_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG = 7


def is_journal(environ: Mapping[str, str], descriptor: int) -> bool:
    """Return whether systemd connected this descriptor to the journal: systemd.exec(5).

    A child that redirects its output inherits the variable, so device and inode must match.
    """
    named = environ.get("JOURNAL_STREAM")
    if not named:
        return False
    try:
        status = os.fstat(descriptor)
    except OSError:
        return False
    return named == f"{status.st_dev}:{status.st_ino}"


def priority(level: int) -> int:
    """Return the severity of RFC 5424 for a level of the standard library, or TRACE."""
    return next((number for least, number in _PRIORITIES if level >= least), _DEBUG)


def prioritized(level: int, text: str) -> str:
    """Return a text with the prefix `<N>` in each of its lines: sd-daemon(3)."""
    prefix = f"<{priority(level)}>"
    return "\n".join(f"{prefix}{line}" for line in text.split("\n"))
