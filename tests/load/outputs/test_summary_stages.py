from __future__ import annotations

from rich.text import Text

from fthg.clock import SECOND
from fthg.load.outputs.summary_stages import stage_rows
from fthg.load.stats.job_snapshot import JobSnapshot
from fthg.load.stats.metrics import Metrics
from fthg.load.stats.stage_metrics import StageMetrics

from ..results_of import MS, dropped, result
from ..snapshots import job
from ..stats.staged import stages


def rows(text: str, seconds: float, parts: StageMetrics) -> list[str]:
    snapshot = JobSnapshot(job(pacer=stages(text)), Metrics(0), seconds, stages=[parts])
    found = list(stage_rows(snapshot.stage_figures()))
    assert all(isinstance(line, Text) and line.cell_len <= 80 for line in found)
    return [line.plain for line in found]


def test_each_stage_has_a_row_with_its_figures() -> None:
    parts = StageMetrics()
    slow = result(due=0, start=0, end=SECOND + 250 * MS)
    parts.record(0, [slow] * 50)
    parts.record(1, [slow] * 9 + [result(outcome="failed", error="status")] * 2 + [dropped()] * 3)
    empty, head, *found = rows("10/s for 5s, to 20/s over 10m", 11.0, parts)
    assert empty == ""
    assert head.split() == [
        "stage", "lasted", "scheduled", "ok", "failed", "dropped", "rate", "resp.p95",
    ]  # fmt: skip
    assert [line.split() for line in found] == [
        ["10/s", "for", "5s", "5s", "50", "50", "0", "0", "10/s", "1.25s"],
        ["to", "20/s", "over", "10m", "6.06s", "14", "9", "2", "3", "1.81/s", "1.25s"],
    ]


def test_a_long_name_lacks_its_middle_and_the_largest_figures_do_not_touch() -> None:
    parts = StageMetrics()
    parts.record(0, [result(due=0, start=0, end=600 * SECOND)])
    parts._of(0).outcomes.update(dict.fromkeys(("ok", "failed", "dropped"), 123_456_789))
    (*_, line) = rows("to 12345.678 files per hour over 123456789s", 8_640_000.0, parts)
    assert line.startswith("    to 12345.…23456789s ")
    assert len(line) == 80
    assert line.split()[2:] == [
        "100d00h", "370.4M", "123.5M", "123.5M", "123.5M", "<0.01/d", "10m00s",
    ]  # fmt: skip


def test_a_name_has_all_the_room_that_figures_leave() -> None:
    for seconds in (9.0, 9.5):
        found = rows(
            "120 files per hour for 9s, 130 files per hour for 10m", seconds, StageMetrics()
        )
        assert found[2].startswith("    120 files per hour for 9s ")
    assert found[3].startswith("    130 files per hour for 10m ")
    assert len({len(line) for line in found[1:]}) == 1


def test_of_very_many_stages_the_first_and_the_last_are_shown() -> None:
    text = ", ".join(f"{rate}/s for 1s" for rate in range(1, 52))
    found = rows(text, 51.0, StageMetrics())
    assert len(found) == 2 + 10 + 1 + 10
    assert found[2].startswith("    1/s for 1s ")
    assert found[12].startswith("    and..............: 31          more in the JSON")
    assert found[-1].startswith("    51/s for 1s ")


def test_without_stages_there_is_no_table() -> None:
    assert list(stage_rows([])) == []
