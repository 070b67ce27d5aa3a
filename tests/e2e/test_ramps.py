"""Rates and senders in stages, from the command line to what lies at a real server."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.servers.nginx import Nginx

from .program import figures, fthg, results


@pytest.fixture
def files(tmp_path: Path) -> Path:
    directory = tmp_path / "files"
    directory.mkdir()
    for number in range(3):
        (directory / f"f{number}").write_text(f"content {number}")
    return directory


def stored(web: Nginx, folder: str) -> Counter[str]:
    """Return how often each content lies there."""
    return Counter(path.read_text() for path in (web.directory / "files" / folder).iterdir())


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("model", [["open"], ["closed", "--senders", "8"]])
def test_a_ramp_brings_exactly_its_integral_to_the_server(
    tmp_path: Path, files: Path, web: Nginx, workers: str, model: list[str]
) -> None:
    folder = f"ramp{workers}{model[0]}"
    done = fthg(
        *("--url", f"{web.url}/{folder}/{{uuid}}", "-X", "PUT", "--files", str(files)),
        *("--rate", "5/s for 1s, to 20/s over 2s", "--workers", workers, "--model", *model),
        *("--results", "r.jsonl", "--summary", "s.json"),
        cwd=tmp_path,
    )
    assert done.status == 0, done.err
    lines = results(tmp_path / "r.jsonl")
    job = figures(tmp_path / "s.json")["jobs"]["cli"]
    # In the closed model a busy machine may make a sender come free too late.
    least = 30 if model == ["open"] else 25
    assert least <= len(lines) <= 30
    assert job["ok"] == job["scheduled"] == len(lines)
    assert sorted(line["seq"] for line in lines) == list(range(len(lines))) or model != ["open"]
    assert len({line["seq"] for line in lines}) == len(lines)
    wanted = Counter(f"content {line['file'][1]}" for line in lines)
    assert stored(web, folder) == wanted
    if model == ["open"]:
        assert job["achieved_rate"] == job["target_rate"] == 10


def test_senders_of_two_workers_together_are_never_more_than_their_stages_say(
    tmp_path: Path, files: Path, web: Nginx
) -> None:
    done = fthg(
        *("--url", f"{web.url}/senders/{{uuid}}", "-X", "PUT", "--files", str(files)),
        *("--rate", "max", "--model", "closed", "--senders", "1 for 1s, to 4 over 2s, 1 for 1s"),
        *("--workers", "2", "--count", "3000", "--results", "r.jsonl"),
        cwd=tmp_path,
    )
    assert done.status == 0, done.err
    lines: list[dict[str, Any]] = list(results(tmp_path / "r.jsonl"))
    assert sum(stored(web, "senders").values()) == len(lines) > 10
    assert len({line["seq"] for line in lines}) == len(lines)
    begins = min(line["due"] for line in lines)
    for line in lines:
        busy = sum(1 for other in lines if other["start"] <= line["start"] < other["end"])
        passed = line["start"] - begins
        # A start is noted somewhat after the moment at which a sender took the file.
        assert busy <= max(level(passed), level(passed - 0.2))


def level(seconds: float) -> int:
    """Return the number of senders so long after the start."""
    if seconds < 1 or seconds >= 3:
        return 1
    return int(1 + 1.5 * (seconds - 1))
