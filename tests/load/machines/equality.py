"""Runs of some seconds to be divided, and what it means that the parts equal the whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..leaves import leaves
from .divided import Done

THRESHOLDS = ["failed < 1%", "missing == 0", "response_time p95 < 500ms", "achieved_rate > 99%"]


def written(directory: Path, jobs: Sequence[Mapping[str, Any]], **run: Any) -> Path:
    """Write a configuration, of at most ten seconds, and its files."""
    files = directory / "files"
    files.mkdir()
    for number in range(11):
        file = files / f"{number}.dat"
        file.write_text(f"{number}" * number)
        os.utime(file, (10**9, 10**9 + number * 7 % 11))
    moments = "".join(f"{1000 + n * n / 37:.7f}\n" for n in range(30))
    (directory / "moments.csv").write_text(f"due\n{moments}")
    closed = any(keys.get("model") == "closed" for keys in jobs)
    limits = [limit for limit in THRESHOLDS if not (closed and limit.startswith("missing"))]
    named = {
        f"job{number}": {"url": f"http://h{number}/", "thresholds": limits, **keys}
        for number, keys in enumerate(jobs)
    }
    config = directory / "jobs.yaml"
    run = {"duration": "10s", "thresholds": limits, **run}
    config.write_text(json.dumps({"run": run, "jobs": named}))
    return config


def check_that_they_are_equal(whole: Done, parts: Done) -> None:
    assert sorted(parts.files) == sorted(whole.files)
    assert parts.arrivals() == whole.arrivals()
    found, wanted = leaves(parts.figures()), leaves(whole.figures())
    assert {
        place: (found.get(place, "nothing"), wanted.get(place, "nothing"))
        for place in found.keys() | wanted.keys()
        if found.get(place, "nothing") != wanted.get(place, "nothing")
    } == {}
