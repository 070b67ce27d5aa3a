"""Collections of garbage that look only at what a test itself has made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def earlier_objects_left_alone() -> Iterator[None]:
    """Leave what exists by now out of collections within the block.

    Thousands of tests leave so much in memory that to look through all of it takes a second.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
