from __future__ import annotations

import time
from pathlib import Path

import pytest

from fthg.clock import Clock
from fthg.errors import StartError
from fthg.load.outputs.results_file import ResultsOutput
from fthg.results.file import ResultsFile
from tests.unread_pipe import PAGE, unread_pipe

from ..results_of import result
from ..snapshots import job_snapshot, run_snapshot


def test_one_that_is_in_a_hurry_does_not_wait_for_a_reader_and_tells_what_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with unread_pipe(tmp_path / "unread", room=PAGE):  # too little for the first lines put
        output = ResultsOutput(ResultsFile(str(tmp_path / "unread"), "r1", Clock()), {})
        output.record([result(seq=seq) for seq in range(1000)])
        output.hurry(0.1)
        began = time.monotonic()
        with pytest.raises(StartError, match="unread: 1000 lines are lost"):
            output.end(run_snapshot(job_snapshot([result()])))
    assert time.monotonic() - began < 2
    assert output.lost == 1000
    assert [record.message for record in caplog.records] == ["results were lost"]
