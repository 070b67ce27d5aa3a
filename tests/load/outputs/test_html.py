from __future__ import annotations

from pathlib import Path

import pytest

from fthg.errors import StartError
from fthg.load.outputs.html import HtmlOutput

from ..results_of import result
from ..snapshots import job_snapshot, run_snapshot


def _end(path: Path) -> None:
    run = run_snapshot(job_snapshot([result()]))
    output = HtmlOutput(str(path), lambda found: f"<p>{found.plan.run}")
    output.start(run.plan)
    output.end(run)


def test_the_page_of_the_last_snapshot_is_written(tmp_path: Path) -> None:
    _end(tmp_path / "run.html")
    assert (tmp_path / "run.html").read_text() == "<p>r1"


def test_a_device_is_written_to() -> None:
    _end(Path("/dev/null"))
    assert Path("/dev/null").is_char_device()


def test_a_file_that_cannot_be_written_is_an_error_of_the_run(tmp_path: Path) -> None:
    with pytest.raises(StartError):
        _end(tmp_path / "no" / "run.html")
