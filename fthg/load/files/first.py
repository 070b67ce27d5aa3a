"""Reads the files of a job for the first time; errors end the start."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from functools import partial
from typing import Optional

from ...clock import SECOND
from ...errors import StartError, no_thread
from ...threads import NoThreadError
from .listing import Listing, list_files
from .locate import find, locate
from .source import Source
from .templates import check_all

_MORE_DESCRIPTORS = "; each job keeps its directory open: raise `ulimit -n` (systemd: LimitNOFILE=)"


def first_names(source: Source) -> Sequence[str]:
    """Return the names of all files; StartError if there are none, or they cannot be read."""
    return first_listing(source, None).names


def first_listing(source: Source, latest: Optional[int]) -> Listing:
    """Return all files, those that changed after `latest` as young ones; raises StartError."""
    try:  # in a thread even here: a signal must end the wait for a file system that hangs
        found = source.access.in_thread(partial(list_files, source, latest))
    except NoThreadError as error:
        raise no_thread(f"the files in {source.files}", error) from None
    except OSError as error:
        hint = _MORE_DESCRIPTORS if error.errno == errno.EMFILE else ""
        raise StartError(f"files: {source.files} cannot be read: {error.strerror}{hint}") from None
    if not found.names and not found.young:
        wanted = [] if "*" in source.match else [f"matches {' or '.join(source.match)}"]
        wanted += ["is not excluded"] if source.exclude else []
        which = f" that {' and '.join(wanted)}" if wanted else ""
        raise StartError(f"files: {source.files} holds no file{which}; put at least one there")
    return found


def check_templates(source: Source, names: Sequence[str]) -> None:
    """Raise StartError for the first of the files read now that cannot be a template."""
    if source.templates is not None:
        finding = partial(_find_listed, source)
        source.access.in_thread(partial(check_all, names, finding, source.folder))


def _find_listed(source: Source, name: str) -> tuple[str, os.stat_result]:
    return find(source, locate(source, name)[0])


def latest_change(source: Source, now: int) -> Optional[int]:
    """Return the latest change of a file that is old enough; None: any is."""
    return now - round(source.min_age * SECOND) if source.min_age else None
