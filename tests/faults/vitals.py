"""The memory and descriptors of a process by the kernel, and its greenlets by its log."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Optional


class Vitals(NamedTuple):
    """The resources of a process at one moment."""

    rss: int  # bytes
    descriptors: int
    greenlets: Optional[int]  # None before the first health line

    def least(self, other: Vitals) -> Vitals:
        """Return the smaller of each value, without what is held only for a moment."""
        some = [count for count in (self.greenlets, other.greenlets) if count is not None]
        return Vitals(
            min(self.rss, other.rss),
            min(self.descriptors, other.descriptors),
            min(some, default=None),
        )


_MORE_MEMORY = 10 << 20  # bytes of statistics, and of buffers that floods fill: 1 MiB a connection
_MORE_COUNT = 4  # open for a moment only: a name lookup, a transfer, a kept connection


def grown(before: Vitals, after: Vitals, kept: int = 0) -> Iterator[str]:
    """Yield the growth beyond tolerance and the `kept` connections, which are used again."""
    if after.rss > before.rss + _MORE_MEMORY:
        yield f"memory grew from {before.rss / 1e6:.1f} to {after.rss / 1e6:.1f} MB"
    if after.descriptors > before.descriptors + _MORE_COUNT + kept:
        yield f"descriptors grew from {before.descriptors} to {after.descriptors}"
    if before.greenlets and (after.greenlets or 0) > before.greenlets + _MORE_COUNT:
        yield f"greenlets grew from {before.greenlets} to {after.greenlets}"


def read(pid: int, log: Path) -> Vitals:
    """Return the vitals of a running process whose health lines are in this JSON log."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return Vitals(int(kilobytes) * 1024, len(os.listdir(f"/proc/{pid}/fd")), _greenlets(log))


def _greenlets(log: Path) -> Optional[int]:
    lines = log.read_text().splitlines() if log.exists() else []
    for line in reversed(lines):
        if '"greenlets"' in line:
            found: int = json.loads(line)["greenlets"]
            return found
    return None
