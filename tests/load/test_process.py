"""The results that a run records."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any, cast

import pytest

from fthg.errors import TransferError
from fthg.load.outputs import OutputGroup
from fthg.load.outputs.results_file import ResultsOutput
from fthg.load.plan import Plan, Source
from fthg.load.process import ProcessRun
from fthg.protocols.options import Options
from fthg.results.file import ResultsFile
from fthg.transfer import DETAIL_LENGTH, Sent, Transfer
from tests.fakes import FakeClock, FakeSender

from .snapshots import job

SECRET = "geheim-0123456789"


class TalkativeSender(FakeSender):
    """Fails with a long detail."""

    detail = ""

    def send(self, transfer: Transfer) -> Sent:
        raise TransferError("status", self.detail, code=503, sent=transfer.size)


@pytest.mark.parametrize(
    ("detail", "recorded"),
    [
        ("x" * DETAIL_LENGTH, "x" * DETAIL_LENGTH),
        ("x" * 5000, "x" * (DETAIL_LENGTH - 1) + "…"),
        # Masked before it is cut: the beginning of a secret would not be recognized.
        ("x" * (DETAIL_LENGTH - 8) + SECRET, "x" * (DETAIL_LENGTH - 8) + "***"),
        (SECRET * 400, "***" * 333 + "…"),
    ],
)
def test_a_detail_is_masked_then_cut(tmp_path: Path, detail: str, recorded: str) -> None:
    (tmp_path / "a").write_text("a")
    clock = FakeClock()
    sender = TalkativeSender(Options(), clock)
    sender.detail = detail
    only = job(source=Source(str(tmp_path)), count=1)
    file = ResultsFile(str(tmp_path / "r.jsonl"), "r1", clock)
    run = ProcessRun(
        Plan("r1", (only,), secrets=[SECRET]),
        {only.name: sender},
        {only.name: cast("Any", itertools.repeat("a"))},
        clock,
        clock.now(),
        OutputGroup([ResultsOutput(file)], clock),
    )
    run.wait()
    run.end()
    assert json.loads((tmp_path / "r.jsonl").read_text())["detail"] == recorded
