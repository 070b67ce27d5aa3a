"""A run that replays an earlier one, and files that no output may overwrite."""

from __future__ import annotations

from pathlib import Path

import pytest

from fthg.clock import SECOND
from fthg.load.pacing.moments import read_moments
from tests.servers import free_port

from .program import fthg

JOBS = """\
jobs:
  first:
    url: http://127.0.0.1:{port}/
    files: files
    rate: 20/s
    count: 30
  again:
    url: http://127.0.0.1:{port}/
    files: files
    rate: {{replay: first.jsonl, speed: 2.5}}
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A job at a rate to nobody, and one that replays its results."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "one").write_text("1")
    (tmp_path / "jobs.yaml").write_text(JOBS.format(port=free_port()))
    (tmp_path / "first.jsonl").write_text('{"due":1764000000.0}\n')
    return tmp_path


def test_a_run_is_replayed_from_its_results_file(here: Path) -> None:
    fthg("-c", "jobs.yaml", "--job", "first", "--results", "r.jsonl", cwd=here)
    (here / "r.jsonl").replace(here / "first.jsonl")
    done = fthg("-c", "jobs.yaml", "--job", "again", "--results", "again.jsonl", cwd=here)
    assert "30 files" in done.out, done.err
    was, now = (
        [moment - found[0] for moment in found]
        for found in (
            read_moments(str(here / f"{name}.jsonl"), None) for name in ("first", "again")
        )
    )
    assert len(was) == len(now) == 30
    assert all(
        abs(one * 2 / 5 - other) <= SECOND // 1000 for one, other in zip(was, now)
    )  # results are written in microseconds
    assert was[-1] > SECOND


def test_its_results_must_not_be_written_to_what_it_replays(here: Path) -> None:
    done = fthg("-c", "jobs.yaml", "--job", "again", "--results", "first.jsonl", cwd=here)
    assert done.status == 2
    assert "run.results: first.jsonl is also read, as jobs.again.rate.replay; name" in done.err


def test_check_tells_what_is_wrong_in_the_file(here: Path) -> None:
    (here / "first.jsonl").write_text('{"due":1764000000.0}\nsoon\n')
    done = fthg("-c", "jobs.yaml", "--check", cwd=here)
    assert done.status == 2
    assert "jobs.yaml:10:20: jobs.again.rate.replay: first.jsonl:2: it is not JSON" in done.err
