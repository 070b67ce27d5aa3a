"""Standard input, output and error, each of which may be closed, full, or unread."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from .errors import StartError


def open_missing() -> None:
    """Put an unusable file in the place of a closed one, or the next file opened would be it."""
    for fd, unusable in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, unusable)  # has the lowest number that is free
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115


def print_out(text: str) -> None:
    """Write to standard output, directly; StartError if it fails.

    A closed pipe is no error: its reader has seen enough.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        with suppress(OSError):
            sys.stdout.close()  # or Python would try again at its end
        if not isinstance(error, BrokenPipeError):
            raise StartError(f"standard output cannot be written: {error.strerror}") from None


def print_error(text: str) -> None:
    """Write to standard error, directly, if that is possible."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        with suppress(OSError):
            sys.stderr.close()
