"""What a process holds: memory and descriptors as the kernel tells them, greenlets as it says."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple, Optional


class Vitals(NamedTuple):
    """At one moment."""

    rss: int  # bytes
    descriptors: int
    greenlets: Optional[int]  # None where no health line has come yet


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
