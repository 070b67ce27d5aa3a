"""What a process holds: memory and descriptors as the kernel tells them, greenlets as it says."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Optional


class Vitals(NamedTuple):
    """At one moment."""

    rss: int  # bytes
    descriptors: int
    greenlets: Optional[int]  # None where no health line has come yet

    def least(self, other: Vitals) -> Vitals:
        """The lesser of each: what is held for a moment is in one of them only."""
        some = [count for count in (self.greenlets, other.greenlets) if count is not None]
        return Vitals(
            min(self.rss, other.rss),
            min(self.descriptors, other.descriptors),
            min(some, default=None),
        )


_MORE_MEMORY = 6 << 20  # what a few seconds of figures and buffers may take
_MORE_THINGS = 4  # what is open for a moment only: a look-up, a transfer, a kept connection


def grown(before: Vitals, after: Vitals, kept: int = 0) -> Iterator[str]:
    """Tell what is more than it was, beyond so many kept connections that may be used again."""
    if after.rss > before.rss + _MORE_MEMORY:
        yield f"memory grew from {before.rss / 1e6:.1f} to {after.rss / 1e6:.1f} MB"
    if after.descriptors > before.descriptors + _MORE_THINGS + kept:
        yield f"descriptors grew from {before.descriptors} to {after.descriptors}"
    if before.greenlets and (after.greenlets or 0) > before.greenlets + _MORE_THINGS:
        yield f"greenlets grew from {before.greenlets} to {after.greenlets}"


def read(pid: int, log: Path) -> Vitals:
    """Of a living process, whose health lines are in this log of JSON."""
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
