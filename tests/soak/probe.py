"""The resources of a process by /proc."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_MEMORY = re.compile(r"^(Rss|Anonymous|Swap): +(\d+) kB$", re.MULTILINE)


def probe(pid: int) -> Mapping[str, float]:
    """Return the resources by name; OSError once the process is gone.

    `rss`, `anonymous` and `swap` in bytes, `cpu` in seconds used so far, `descriptors`, `threads`.
    """
    here = Path(f"/proc/{pid}")
    memory = _MEMORY.findall((here / "smaps_rollup").read_text())
    after_name = (here / "stat").read_text().rpartition(")")[2].split()
    return {
        **{name.lower(): float(kib) * 1024 for name, kib in memory},
        "cpu": (int(after_name[11]) + int(after_name[12])) / _TICKS,
        "threads": float(after_name[17]),
        "descriptors": float(len(os.listdir(here / "fd"))),
    }
