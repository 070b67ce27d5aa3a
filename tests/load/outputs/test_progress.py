from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Optional

import pytest
from rich.cells import cell_len
from rich.console import Console

from fthg.clock import SECOND
from fthg.load.outputs.live_table import LiveTable
from fthg.load.outputs.progress import Progress
from fthg.load.stats.job_snapshot import JobSnapshot
from fthg.load.stats.outages import Outage, OutageList
from tests.screen import screen

from ..results_of import dropped, result
from ..snapshots import run_snapshot, running_job

FAILED = result(outcome="failed", error="status")


def table(
    views: Sequence[JobSnapshot], width: int = 80, height: int = 25, **changes: Any
) -> list[str]:
    console = Console(
        file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None
    )
    run = run_snapshot(*views, **{"running": True, **changes})
    with console.capture() as captured:
        console.print(LiveTable(run, {one.name: 9.9 for one in views}))
    return captured.get().splitlines()


def test_a_job_has_a_line_with_all_that_matters() -> None:
    head, line, _ = table([running_job([result()] * 8 + [FAILED])])
    assert head.split() == [
        *("state", "progress", "rate", "target", "ok", "failed", "in", "flight", "p95")
    ]
    assert line.split() == [
        *("orders", "running", "━───", "40%", "9.9/s", "10/s", "8", "1", "3", "20ms")
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_it_is_never_wider_than_the_terminal(width: int) -> None:
    views = [
        running_job([FAILED, dropped()], name="長い名前" * 30, state="stopping", in_flight=10**8),
        running_job(
            name="x" * 100, state="waiting", dispatching=0.0, starts_in=10.0**6, duration=None
        ),
    ]
    views[0].metrics.outcomes["ok"] = 10**9
    lines = table(views, width, outages=outages(name=views[0].name))
    assert max(cell_len(line) for line in lines) < width
    assert "failed" in lines[0]


def test_dropped_arrivals_show_in_a_column_where_there_is_room_else_below() -> None:
    views = [running_job([dropped()] * 7), running_job(name="calm")]
    assert table(views)[-2] == "dropped: orders 7"
    wide = table(views, 120)
    assert "dropped" in wide[0]
    assert "7" in wide[1].split()
    assert wide[-2].startswith("total")


def test_several_jobs_have_a_total() -> None:
    lines = table([running_job([result()] * 8), running_job([result()] * 2, name="partner")])
    assert lines[-2].split() == ["total", "12s", "19.8/s", "10", "0", "6"]


def test_more_jobs_than_lines_are_counted() -> None:
    lines = table([running_job(name=f"job{n}") for n in range(40)], height=15)
    assert len(lines) < 15
    assert "and 30 more jobs" in lines


def test_the_fewer_columns_the_more_important_they_are() -> None:
    assert table([running_job()], 40)[0].split() == ["state", "ok", "failed"]
    assert table([running_job()], 60)[0].split() == [
        *("state", "rate", "target", "ok", "failed", "p95")
    ]


def test_names_are_cut_in_the_middle_where_they_differ() -> None:
    lines = table([running_job(name=f"customer-of-the-north-{n}") for n in (1, 2)], 60)
    assert [line.split()[0] for line in lines[1:3]] == ["custo…th-1", "custo…th-2"]


def test_what_is_wrong_comes_first_on_a_screen_of_24_lines_and_what_is_not_shown_is_counted() -> (
    None
):
    jobs = [running_job([FAILED] * (n > 31), name=f"job{n}") for n in range(60)]
    lines = table(jobs, height=24, outages=outages(name="job59"))
    assert len(lines) < 24
    assert [line.split()[:2] for line in lines[1:3]] == [["job59", "outage"], ["job32", "running"]]
    assert "and 42 more jobs, 10 of them with failures or drops" in lines
    assert lines[-3].startswith("total")
    assert lines[-2] == "outage for 2s (refused): job59"


def test_an_outage_that_is_over_is_no_state_any_more() -> None:
    over = outages(name="orders", end=SECOND)
    assert "outage" not in "".join(table([running_job([FAILED])], outages=over))


def test_it_says_what_ctrl_c_does() -> None:
    assert table([running_job()])[-1] == ("Ctrl-C stops; 3 in flight may finish within 30s")
    assert table([running_job(state="stopping")], stopping=True)[-1] == (
        "stopping: 3 in flight; Ctrl-C cuts them, else up to 30s"
    )
    assert "Ctrl-C" not in "".join(table([running_job(state="done")], running=False))


def test_a_hostile_name_cannot_drive_the_terminal() -> None:
    assert table([running_job(name="a\x1b[2J\nb")], 120)[1].startswith(r"a\x1b[2J\nb ")


def outages(*, name: str, end: Optional[int] = None) -> OutageList:
    return OutageList((Outage(name, 0, SECOND, end, {"refused": 30}, "refused"),))


def ticked(progress: Progress, *jobs: JobSnapshot, times: int = 1) -> None:
    for _ in range(times):
        progress.tick(run_snapshot(*jobs))


def test_logs_appear_above_the_live_view_which_stays_whole() -> None:
    with screen(is_tty=True) as shown:
        progress = Progress(shown.terminal, 60)
        ticked(progress, running_job(), times=2)
        assert "orders" in shown.text
        shown.terminal.print_line("a log line")
        assert "a log line" in shown.text
        progress.end(run_snapshot(running_job()))
        shown.terminal.print_line("after")
        text = shown.text
    assert text.count("orders") == 3
    assert text.index("a log line") < text.rindex("orders") < text.index("after")
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1


def test_on_a_terminal_it_is_redrawn_four_times_a_second_else_there_is_a_line_an_interval() -> None:
    with screen(is_tty=True) as shown:
        assert Progress(shown.terminal, 60).interval == 0.25
    with screen() as shown:
        assert Progress(shown.terminal, 60).interval == 60


def test_without_a_terminal_a_job_that_is_done_has_no_further_line() -> None:
    with screen() as shown:
        progress = Progress(shown.terminal, 60)
        ticked(progress, running_job(name="a"), running_job(name="b", state="done"), times=3)
        lines = shown.lines
    assert lines[0].startswith("a running 12s (40%)")
    assert sum(line.startswith("b done") for line in lines) == 1
    assert "\x1b" not in "".join(lines)


def test_where_nothing_can_be_redrawn_there_are_status_lines() -> None:
    with screen(is_tty=True, term="dumb") as shown:
        Progress(shown.terminal, 60).end(run_snapshot(running_job()))
        assert shown.text.startswith("orders running 12s")
        assert "\x1b" not in shown.text


def test_status_lines_report_an_outage_too() -> None:
    with screen() as shown:
        run = run_snapshot(running_job(), running=True, outages=outages(name="orders"))
        Progress(shown.terminal, 60).tick(run)
        assert shown.lines[0].endswith("p95 –, outage for 2s (refused)")
