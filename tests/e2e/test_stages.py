"""Rates in stages against a server that takes so many files and no more: its count is the truth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.servers.faulty import Conversation, Faulty, faulty

from .program import figures, fthg

COUNTS = ("scheduled", "sent", "ok", "failed", "dropped", "cancelled", "bytes")
_SEQ = re.compile(rb"X-Seq: (\d+)")


@contextmanager
def takes(count: int) -> Iterator[tuple[Faulty, dict[int, bool]]]:
    """A server that refuses all files after the first ones; the numbers of all, and if it did."""
    seen: dict[int, bool] = {}

    def script(conversation: Conversation) -> None:
        while request := conversation.read_request():
            found = _SEQ.search(request)
            assert found is not None
            seen[int(found[1])] = len(seen) < count
            conversation.answer("200 OK" if len(seen) <= count else "503 Busy")

    with faulty(script) as server:
        yield server, seen


def _run(directory: Path, url: str, *words: str) -> tuple[int, dict[str, Any], str]:
    (directory / "files").mkdir()
    for number in range(4):
        (directory / "files" / f"f{number}").write_bytes(b"x" * number * 100)
    send = ["--url", url, "--files", "files", "-H", "X-Seq: {seq}", "--workers", "2"]
    done = fthg(*send, "--results", "r.jsonl", "--summary", "s.json", *words, cwd=directory)
    return done.status, figures(directory / "s.json"), done.out


def _is_second(seq: int) -> bool:
    return seq >= 10


def test_the_figures_of_each_stage_are_those_of_the_server(tmp_path: Path) -> None:
    rate = "5/s for 2s, to 30/s over 4s"
    with takes(50) as (server, seen):
        status, summary, shown = _run(tmp_path, f"{server.url}/", "--rate", rate)
    assert status == 0
    job = summary["jobs"]["cli"]
    assert sorted(seen) == list(range(80))
    assert [one["rate"] for one in job["stages"]] == ["5/s for 2s", "to 30/s over 4s"]
    assert [(one["start"], one["seconds"]) for one in job["stages"]] == [(0, 2), (2, 4)]
    for number, stage in enumerate(job["stages"]):
        mine = [seq for seq in seen if _is_second(seq) == number]
        taken = sum(seen[seq] for seq in mine)
        assert (stage["scheduled"], stage["sent"]) == (len(mine), len(mine))
        assert (stage["ok"], stage["failed"]) == (taken, len(mine) - taken)
        assert stage["bytes"] == sum(seq % 4 * 100 for seq in mine)
        assert stage["achieved_rate"] == stage["target_rate"] == (5, 17.5)[number]
        assert stage["response_time"]["count"] == stage["ok"]
        assert stage["response_time_failed"]["count"] == stage["failed"]
    assert {count: sum(one[count] for one in job["stages"]) for count in COUNTS} == {
        count: job[count] for count in COUNTS
    }
    assert job["achieved_rate"] == job["target_rate"] == 80 / 6
    assert "to 30/s over 4s" in shown

    (tmp_path / "jobs.yaml").write_text(
        f'jobs: {{cli: {{url: "http://h/", files: files, rate: "{rate}"}}}}'
    )
    words = ["--from-results", "r.jsonl", "-c", "jobs.yaml", "--summary", "again.json"]
    assert fthg(*words, cwd=tmp_path).status == 0
    again = figures(tmp_path / "again.json")["jobs"]["cli"]["stages"]
    assert len(again) == 2
    for own, read in zip(job["stages"], again):
        times = [key for key, value in own.items() if isinstance(value, dict)]
        for key in own.keys() - set(times):
            assert read[key] == own[key]
        for time in times:
            for stat, value in own[time].items():
                assert read[time][stat] == (value and pytest.approx(value, abs=1e-5, rel=0.07))


def test_two_workers_find_the_rate_at_which_a_server_breaks(tmp_path: Path) -> None:
    """File 60 is due after 6.3 s, at a target of 18.4/s, which grows by 3.1/s each second."""
    with takes(60) as (server, seen):
        status, summary, shown = _run(
            tmp_path,
            f"{server.url}/",
            *("--rate", "5/s for 2s, to 30/s over 8s", "--junit", "j.xml"),
            *("--set", "jobs.cli.thresholds={limits: [failed == 0], abort: true}"),
        )
    assert status == 99
    (threshold,) = summary["thresholds"]
    assert (threshold["job"], threshold["text"], threshold["ok"]) == ("cli", "failed == 0", False)
    assert threshold["found"] == len(seen) - 60
    assert 0 < threshold["found_then"] <= threshold["found"]
    assert 6.2 < threshold["at"] < 9.5
    assert 18.3 < threshold["rate"] < 28
    assert 5 <= threshold["held"] < threshold["rate"]
    assert "█ run" in shown.partition("broke at")[0]
    assert "held......" in shown
    assert "ended the run at a target of" in (tmp_path / "j.xml").read_text()
