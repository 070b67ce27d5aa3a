from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from fthg import __version__
from fthg.clock import SECOND
from fthg.errors import StartError
from fthg.load.outputs.summary_json import SummaryJson, summary_json
from fthg.load.stats.outages import Outage, OutageList
from fthg.load.stats.snapshot import BreakingPoint, RunSnapshot
from fthg.standstill import Standstill
from fthg.verdicts.thresholds import Verdict

from ..results_of import result
from ..snapshots import job_snapshot, limits, run_snapshot


def test_the_summary_has_the_keys_of_the_contract() -> None:
    run = run_snapshot(job_snapshot([result()]))
    summary = summary_json(run)
    assert {"started", "ended", "version", "jobs", "total"} <= set(summary)
    assert summary["version"] == __version__
    assert summary["started"] == "2025-11-24T16:00:00.000Z"
    assert summary["ended"] == "2025-11-24T16:00:02.000Z"
    for figures in (summary["jobs"]["orders"], summary["total"]):
        assert set(run.figures.total) < set(figures)
        assert figures["phases"]["sending"]["max"] == 0.005
        assert figures["phases"]["sending"]["count"] == 1
        assert figures["phases_failed"] == {}
        assert figures["service_time_failed"]["count"] == 0
        assert figures["series"][1]["ok"] == 1


def test_crossed_thresholds_stand_in_it() -> None:
    orders = job_snapshot([result()], limits=limits("ok > 5"))
    run = run_snapshot(orders, thresholds=["failed == 0"])
    assert summary_json(run)["thresholds"] == [
        {"job": "orders", "text": "ok > 5", "found": 1, "ok": False},
        {"job": None, "text": "failed == 0", "found": 0, "ok": True},
    ]


def test_the_threshold_that_ended_the_run_says_at_which_rate() -> None:
    orders = job_snapshot([result()], limits=limits("dropped == 0", "ok > 0"))
    (threshold, _) = orders.job.limits.thresholds
    point = BreakingPoint("orders", Verdict(threshold, 3, ok=False), 67.5, 82.4, 82.2)
    first, second = summary_json(run_snapshot(orders, breaking=point))["thresholds"]
    assert first == {
        "job": "orders",
        "text": "dropped == 0",
        "found": 0,
        "ok": False,  # as it ended the run, whatever came afterwards
        "at": 67.5,
        "rate": 82.4,
        "held": 82.2,
        "found_then": 3,
    }
    assert second == {"job": "orders", "text": "ok > 0", "found": 1, "ok": True}


def test_its_first_key_is_the_version_of_its_form() -> None:
    assert next(iter(summary_json(run_snapshot(job_snapshot([result()]))).items())) == ("schema", 1)


def test_standstills_stand_in_it() -> None:
    one = Standstill(SECOND // 2, 5 * SECOND + SECOND // 4, 400, "unknown")
    run = run_snapshot(job_snapshot([result()]), standstills=[one])
    assert summary_json(run)["standstills"] == [
        {
            "start": "2025-11-24T16:00:00.500Z",
            "seconds": 5.25,
            "dropped": 400,
            "cause": "unknown",
        }
    ]
    assert summary_json(run_snapshot(job_snapshot([result()])))["standstills"] == []


def test_outages_stand_in_it() -> None:
    over = Outage("orders", SECOND // 2, 3 * SECOND, 4 * SECOND, {"refused": 7, "reset": 1})
    open_ = Outage("orders", 5 * SECOND, 6 * SECOND, None, {"dns": 5})
    run = run_snapshot(job_snapshot([result()]), outages=OutageList((over, open_), 3))
    summary = summary_json(run)
    assert summary["outages_unlisted"] == 3
    assert summary["outages"] == [
        {
            "job": "orders",
            "start": "2025-11-24T16:00:00.500Z",
            "end": "2025-11-24T16:00:04.000Z",
            "last_failure": "2025-11-24T16:00:03.000Z",
            "count": 8,
            "kinds": {"refused": 7, "reset": 1},
            "time_to_recover": 3.5,
        },
        {
            "job": "orders",
            "start": "2025-11-24T16:00:05.000Z",
            "end": None,
            "last_failure": "2025-11-24T16:00:06.000Z",
            "count": 5,
            "kinds": {"dns": 5},
            "time_to_recover": None,
        },
    ]


def test_without_outages_the_list_is_empty() -> None:
    run = run_snapshot(job_snapshot([result()]))
    assert summary_json(run)["outages"] == []


def ended(path: Path, run: RunSnapshot) -> None:
    output = SummaryJson(str(path))
    output.start(run.plan)
    output.end(run)


def test_it_is_written_whole_and_only_for_owner_and_group(tmp_path: Path) -> None:
    run = run_snapshot(job_snapshot([result(outcome="failed", error="no_file", detail="\udcff")]))
    path = tmp_path / "summary.json"
    path.write_text("old")
    ended(path, run)
    assert json.loads(path.read_text())["total"]["failed"] == 1
    assert stat.S_IMODE(path.stat().st_mode) & ~0o640 == 0
    assert os.listdir(tmp_path) == ["summary.json"]


def test_a_failure_to_write_names_place_and_reason(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"nowhere/s.json cannot be written: No such file"):
        ended(tmp_path / "nowhere" / "s.json", run_snapshot(job_snapshot([result()])))
