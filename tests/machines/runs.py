"""A configuration that several machines run, and what the run left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from tests.e2e.program import figures, results
from tests.servers.nginx import Nginx
from tests.waiting import until

EXAMPLES = Path(__file__).parents[2] / "packaging" / "examples"

PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
"""With fthg as the first of its name."""


class Runs:
    """A directory with `jobs.yaml`: a job `files` of `rate` arrivals a second for `seconds`.

    The name of the directory is in the paths at the server, so that each has its own.
    """

    def __init__(self, directory: Path, web: Nginx, *, rate: int, seconds: int) -> None:
        self.directory = directory
        self.left = directory  # where the results and the summary are
        self.rate = rate
        self._web = web
        (directory / "file").write_text("content")
        (directory / "jobs.yaml").write_text(f"""
run: {{duration: {seconds}s, thresholds: [missing < 1, failed < 1]}}
jobs:
  files:
    url: {web.url}/{directory.name}/{{seq}}
    method: PUT
    files: {directory}/file
    rate: {rate}/s
""")

    def lead(self, processes: int) -> int:
        """Return the seconds in which so many processes are ready, however busy this host is.

        They are taken to become ready one after another: two at a time is what there are CPUs for.
        """
        began = time.monotonic()
        check = ["fthg", "-c", "jobs.yaml", "--check"]
        subprocess.run(
            check, cwd=self.directory, env={**os.environ, "PATH": PATH}, check=True, timeout=60,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return ceil(8 + processes * (time.monotonic() - began))

    def has_sent(self, count: int) -> None:
        """Return once so many arrivals are at the server."""
        until(lambda: len(self.stored()) >= count, seconds=200)

    def stored(self) -> Counter[int]:
        """Return how often each arrival was sent to the server."""
        marker = f"/{self.directory.name}/"
        lines = (self._web.directory / "access.log").read_text().splitlines()
        paths = (line.split()[1] for line in lines)
        return Counter(int(path.rpartition("/")[2]) for path in paths if marker in path)

    def lines(self, run: str) -> Sequence[Mapping[str, Any]]:
        """Return the results of all slices, in the order of their numbers."""
        paths = self.left.glob(f"{run}-*-of-*.jsonl")
        return sorted((line for path in paths for line in results(path)), key=lambda r: r["seq"])

    def total(self, run: str) -> Mapping[str, Any]:
        """Return the figures of the merge."""
        total: Mapping[str, Any] = figures(self.left / f"{run}.json")["total"]
        return total

    def errors_of_gaps(self, run: str) -> Sequence[float]:
        """Return by how many seconds the gaps between due times differ from those of the rate."""
        lines = self.lines(run)
        return [
            abs(after["due"] - before["due"] - (after["seq"] - before["seq"]) / self.rate)
            for before, after in zip(lines, lines[1:])
        ]
