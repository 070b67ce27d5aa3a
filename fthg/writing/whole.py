"""Replace a file as a whole, or leave the old one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from .failure import unwritable
from .place import locate, open_stream


@contextmanager
def replacing(path: str) -> Iterator[TextIO]:
    """Open a text file that takes the place of `path` once the block has ended well.

    Until then the old file stays, and after any error too. Only owner and group may read the new
    one. A symbolic link stays one: the file it leads to is replaced. A device, a pipe and standard
    output (`-`, `/dev/stdout`) are written to. Raises StartError if the file cannot be written.
    """
    try:
        place = locate(path)
        if place.is_stream:
            with _text(open_stream(path)) as file:
                yield file
        else:
            with _written_beside(place.target) as file:
                yield file
    except OSError as error:
        raise unwritable(path, error) from error


@contextmanager
def _written_beside(target: str) -> Iterator[TextIO]:
    descriptor, name = create_beside(target)
    try:
        with _text(descriptor) as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def create_beside(target: str) -> tuple[int, str]:
    """Create an empty file in the directory of `target`; return its descriptor and its name."""
    # In the same directory: a rename across file systems is not atomic. Its name is short, as
    # that of the target may be as long as a name can be. Not by tempfile: the group could not read
    # it, and chmod would ignore the umask.
    name = os.path.join(os.path.dirname(target), f".fthg.{secrets.token_hex(8)}.part")
    return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640), name


def _text(descriptor: int) -> TextIO:
    # A name of a file may hold bytes that are no text.
    return open(descriptor, "w", encoding="utf-8", errors="replace", newline="")
