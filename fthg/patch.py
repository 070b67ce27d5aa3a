"""Patches the standard library for gevent; ssl, requests and paramiko are imported after that."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

from gevent import config, monkey


def patch() -> None:
    """Let blocking calls of the standard library switch to other greenlets."""
    # paramiko needs it for `Match exec` in OpenSSH's configuration only, which is never read, and
    # does without where it is not installed: its import takes a sixth of a start.
    sys.modules.setdefault("invoke", None)  # type: ignore[arg-type]
    config.track_greenlet_tree = False  # where each was spawned takes time and memory
    with _plugins_found_once():
        monkey.patch_all()


@contextmanager
def _plugins_found_once() -> Iterator[None]:
    """Keep gevent from reading of all installed packages again, for plugins at each of 25 steps."""
    found = metadata.entry_points
    metadata.entry_points = functools.lru_cache(maxsize=None)(found)  # type: ignore[assignment]
    try:
        yield
    finally:
        metadata.entry_points = found
