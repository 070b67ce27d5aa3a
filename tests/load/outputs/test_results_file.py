from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from gevent import monkey

from fthg.clock import Clock
from fthg.errors import StartError
from fthg.load.outputs.results_file import ResultsOutput
from fthg.results.file import ResultsFile

from ..results_of import result
from ..snapshots import job_snapshot, run_snapshot

close = monkey.get_original("os", "close")


def test_one_that_is_in_a_hurry_does_not_wait_for_a_reader_and_tells_what_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    os.mkfifo(tmp_path / "unread")
    reader = os.open(tmp_path / "unread", os.O_RDONLY | os.O_NONBLOCK)
    output = ResultsOutput(ResultsFile(str(tmp_path / "unread"), "r1", Clock()), {})
    output.record([result(seq=seq) for seq in range(1000)])
    output.hurry(0.1)
    began = time.monotonic()
    with pytest.raises(StartError, match="unread: 1000 lines are lost"):
        output.end(run_snapshot(job_snapshot([result()])))
    assert time.monotonic() - began < 2
    assert output.lost == 1000
    assert [record.message for record in caplog.records] == ["results were lost"]
    close(reader)  # and with it ends the write that hangs
