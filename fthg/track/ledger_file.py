"""The file of a ledger: created anew, and opened to be written or only to be read."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Optional
from urllib.parse import quote

from ..errors import StartError
from ..writing import unwritable
from ..writing.place import locate

_APPLICATION = 0x66746867  # "fthg" in the file's head, so that no other file is overwritten
_PAGE = 16_384  # bytes: inserting a million rows is a tenth faster than with pages of 4 KiB
_CACHE = 24_000  # KiB


def open_to_write(path: str) -> sqlite3.Connection:
    """Open a new ledger, which threads may use one after another."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.executescript(
        f"PRAGMA page_size = {_PAGE}; PRAGMA cache_size = -{_CACHE};"
        f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
        f"PRAGMA application_id = {_APPLICATION};"
    )
    return db


def open_to_read(path: str) -> sqlite3.Connection:
    """Open a ledger that another connection may write, meanwhile only between queries."""
    uri = f"file:{quote(os.fsencode(os.path.realpath(path)))}?mode=ro"
    db = sqlite3.connect(uri, uri=True, isolation_level=None)
    db.execute(f"PRAGMA cache_size = -{_CACHE}")
    return db


def check_ledger(path: str) -> None:
    """Raise StartError if a file exists there that is not a ledger; changes nothing."""
    try:
        if not os.path.exists(path) or os.path.getsize(path) == 0:
            return
        with closing(open_to_read(path)) as file:
            owner = file.execute("PRAGMA application_id").fetchone()[0]
    except (OSError, sqlite3.Error) as error:
        raise _unwritable(path, error) from None
    if owner != _APPLICATION:
        raise StartError(f"{path} is not a ledger of fthg: give --ledger another name")


def create_ledger(path: str) -> str:
    """Create an empty file in place of an earlier ledger, and return its real path."""
    check_ledger(path)
    try:
        place = locate(path)
        if place.is_stream:
            raise StartError(f"the ledger {path} is not a regular file: give --ledger another name")
        target = place.target  # a symbolic link stays
        with suppress(FileNotFoundError):
            os.unlink(target)  # a read-only directory shows here, not after the first query
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640))
    except OSError as error:
        raise _unwritable(path, error) from None
    return target


def create_temporary() -> str:
    """Create an empty file where SQLite keeps its own temporary ones, and return its path."""
    for place in _temporary_places():
        with suppress(OSError):
            descriptor, path = tempfile.mkstemp(prefix="fthg-ledger-", dir=place)
            os.close(descriptor)
            return path
    raise StartError("there is no place for a temporary ledger: set TMPDIR, or give --ledger FILE")


def failed_ledger(path: Optional[str], error: sqlite3.Error) -> StartError:
    """Return the error of a ledger that could not be written, or of a temporary one."""
    place = next(_temporary_places(), os.curdir)
    if path:
        # What is sorted beyond its cache, SQLite keeps in a file there.
        remedy = f"free some space there and in {place} (TMPDIR), or name a file elsewhere"
        return StartError(f"the ledger {path} cannot be written: {error}; {remedy}")
    remedy = "free some space, or let TMPDIR name another directory, or give --ledger"
    return StartError(f"the temporary ledger in {place} cannot be written: {error}; {remedy}")


def _temporary_places() -> Iterator[str]:
    """Yield the directories that SQLite tries for its temporary files."""
    places = [os.environ.get(name, "") for name in ("SQLITE_TMPDIR", "TMPDIR")]
    places += ["/var/tmp", "/usr/tmp", "/tmp", os.curdir]  # noqa: S108  # nosec B108
    return (place for place in places if os.path.isdir(place) and os.access(place, os.W_OK))


def _unwritable(path: str, error: Exception) -> StartError:
    if isinstance(error, OSError):
        return unwritable(path, error, "the ledger ")
    return StartError(f"the ledger {path} cannot be written: {error}")
