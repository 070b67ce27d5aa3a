from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import gevent
import pytest
from rich.cells import cell_len
from rich.console import Console

from fthg.load.outputs.job_view import JobView
from fthg.load.outputs.live_table import LiveTable
from fthg.load.outputs.progress import Progress

from ..results_of import dropped, result
from ..views import view


class Terminal(io.StringIO):
    """What takes itself for a terminal, and keeps all it is told."""

    def isatty(self) -> bool:
        return True


FAILED = result(outcome="failed", error="status")


def table(views: Sequence[JobView], width: int = 80, height: int = 25, **options: Any) -> list[str]:
    console = Console(
        file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None
    )
    with console.capture() as captured:
        console.print(LiveTable([(one, 9.9) for one in views]))
    return captured.get().splitlines()


def test_a_job_has_a_line_with_all_that_matters() -> None:
    head, line = table([view([result()] * 8 + [FAILED])])
    assert head.split() == [
        *("state", "progress", "rate", "target", "ok", "failed", "in", "flight", "p95")
    ]
    assert line.split() == [
        *("orders", "running", "━───", "40%", "9.9/s", "10/s", "8", "1", "3", "20ms")
    ]


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_it_is_never_wider_than_the_terminal(width: int) -> None:
    views = [
        view([FAILED, dropped()], name="長い名前" * 30, state="stopping", in_flight=10**8),
        view(name="x" * 100, state="waiting", elapsed=-(10.0**6), duration=None),
    ]
    views[0].metrics.outcomes["ok"] = 10**9
    assert max(cell_len(line) for line in table(views, width)) < width


def test_dropped_arrivals_show_in_a_column_where_there_is_room_else_below() -> None:
    views = [view([dropped()] * 7), view(name="calm")]
    assert table(views)[-1] == "dropped: orders 7"
    wide = table(views, 120)
    assert "dropped" in wide[0]
    assert "7" in wide[1].split()
    assert wide[-1].startswith("total")


def test_several_jobs_have_a_total() -> None:
    lines = table([view([result()] * 8), view([result()] * 2, name="partner")])
    assert lines[-1].split() == ["total", "12s", "19.8/s", "10", "0", "6"]


def test_more_jobs_than_lines_are_counted() -> None:
    lines = table([view(name=f"job{n}") for n in range(40)], height=15)
    assert len(lines) < 15
    assert "and 30 more jobs" in lines


def test_a_hostile_name_cannot_drive_the_terminal() -> None:
    assert table([view(name="a\x1b[2J\nb")], 120)[1].startswith(r"a\x1b[2J\nb ")


def test_logs_appear_above_the_live_view_which_stays_whole() -> None:
    file = Terminal()
    console = Console(file=file, width=80, height=25, force_terminal=True)
    progress = Progress(console, lambda: [view()], 60)
    progress.start()
    gevent.sleep(0.6)
    console.print("a log line")
    progress.stop()
    console.print("after")
    shown = file.getvalue()
    assert shown.count("orders") >= 3
    assert shown.index("a log line") < shown.rindex("orders") < shown.index("after")


def test_without_a_terminal_there_is_a_line_now_and_then_and_done_is_told_once() -> None:
    file = io.StringIO()
    views = [view(name="a"), view(name="b", state="done")]
    progress = Progress(Console(file=file), lambda: views, 0.05)
    progress.start()
    with gevent.Timeout(10):
        while file.getvalue().count("\n") < 4:
            gevent.sleep(0.01)
    progress.stop()
    lines = file.getvalue().splitlines()
    assert lines[0].startswith("a running 12s (40%)")
    assert sum(line.startswith("b done") for line in lines) == 1
    assert "\x1b" not in file.getvalue()


@pytest.mark.parametrize(
    "console",
    [
        Console(file=io.StringIO(), force_terminal=True),
        Console(file=Terminal(), _environ={"TERM": "dumb"}),
    ],
)
def test_where_nothing_can_be_redrawn_there_are_status_lines(console: Console) -> None:
    progress = Progress(console, lambda: [view()], 60)
    progress.start()
    progress.stop()
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().startswith("orders running 12s")
    assert "\x1b" not in console.file.getvalue()


def test_a_terminal_that_has_gone_away_ends_no_run() -> None:
    file = io.StringIO()
    progress = Progress(Console(file=file), lambda: [view()], 0.01)
    progress.start()
    file.close()
    gevent.sleep(0.05)
    progress.stop()
