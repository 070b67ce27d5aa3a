from __future__ import annotations

import os
from pathlib import Path

from fthg.clock import SECOND
from fthg.load.arrival import Arrival, attempt
from fthg.load.files.source import Source
from fthg.protocols.options import Options
from tests.fakes import FakeClock, FakeSender


def test_a_file_that_was_changed_since_the_directory_was_read_is_not_sent_yet(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    sender = FakeSender(Options(), clock)
    path = tmp_path / "a"
    path.touch()
    source = Source(str(tmp_path), min_age=10.0)
    for age, outcome in ((3, "failed"), (11, "ok")):
        changed = clock.utc() - age * SECOND
        os.utime(path, ns=(changed, changed))
        result = attempt(Arrival("j", 0, "u", 0, str(path), "a"), 0, sender, clock, source)
        assert result.outcome == outcome
        if outcome == "failed":
            assert (result.error, result.start) == ("no_file", None)
            assert result.detail is not None
            assert "was changed 3s ago, and min_age is 10s" in result.detail
    assert len(sender.started) == 1
