from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from fthg.errors import StartError
from fthg.load.outputs.junit import JunitOutput, run_junit
from fthg.load.stats.metrics import VOCABULARY
from fthg.load.stats.snapshot import BreakingPoint
from fthg.verdicts.thresholds import Verdict, parse

from ..results_of import result
from ..snapshots import job_snapshot, limits, run_snapshot


def _end(path: Path) -> None:
    run = run_snapshot(job_snapshot([result()], limits=limits("ok > 5", "failed == 0")))
    output = JunitOutput(str(path))
    output.start(run.plan)
    output.end(run)


def test_each_threshold_is_a_test_case_of_its_job(tmp_path: Path) -> None:
    _end(tmp_path / "j.xml")
    (suite,) = Xml.fromstring((tmp_path / "j.xml").read_text())
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    first, second = suite
    assert (first.get("classname"), first.get("name")) == ("jobs.orders", "ok > 5")
    assert [failure.get("message") for failure in first.findall("failure")] == ["found 1"]
    assert not second.findall("failure")


def test_the_failure_that_ended_the_run_says_at_which_rate() -> None:
    orders = job_snapshot([result()], limits=limits("ok > 5", "ok > 6"))
    point = BreakingPoint("orders", Verdict(parse("ok > 5", VOCABULARY), 0, ok=False), 9, 8.5, 8)
    suite = Xml.fromstring(run_junit(run_snapshot(orders, breaking=point)))
    messages = [failure.get("message") for failure in suite.iter("failure")]
    assert messages == [
        "found 1; ended the run at a target of 8.5/s after 9s, found 0 then; held until then: 8/s",
        "found 1",
    ]


def test_a_file_that_cannot_be_written_is_an_error_of_the_run(tmp_path: Path) -> None:
    with pytest.raises(StartError):
        _end(tmp_path / "no" / "j.xml")
