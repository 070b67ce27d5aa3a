from __future__ import annotations

from .case import Case, nothing
from .run import Row
from .table import line, short_table, table
from .test_verdict import CALM, seen

OPEN = Case("cut", "http", "open", nothing)
CLOSED = Case("cut", "sftp", "closed", nothing)
AGAIN = Case("cut", "sftp", "open", nothing)
ELSEWHERE = Case("link down", "http", "open", nothing)
ROWS = [
    Row(OPEN, seen(), ()),
    Row(CLOSED, seen(over=100.1, after=CALM._replace(descriptors=30)), ("it leaks",)),
    Row(AGAIN, seen(), (), first=["it was late"]),
    Row(ELSEWHERE, None, (), "no namespaces here"),
]
CUT = Row(
    Case("cut, two SIGINT", "http", "open", nothing, interrupted=True, status=130),
    seen(status=130, ending=1.25),
    (),
)


def test_the_table_has_a_line_for_each_row_and_lists_those_broken_or_not_run() -> None:
    assert table(ROWS).splitlines() == [
        "  to           ok  failed of kind  drop  first ok    late  lets   fds    MB",
        "",
        "cut",
        "  http open     3  1 reset            0     0.5 s  0.02 s  16→16  10→10  60→60  whole",
        "  sftp closed   3  1 reset            0     0.4 s  0.02 s  16→16  10→30  60→60  broken",
        "  sftp open     3  1 reset            0     0.5 s  0.02 s  16→16  10→10  60→60  whole",
        "",
        "link down",
        "  http open     –  –                  –         –       –  –      –      –      not run",
        "",
        "**cut, sftp closed**",
        "",
        "- it leaks",
        "",
        "Whole when run again by itself: cut, sftp open; on a busy machine: it was late.",
        "Not run: link down, http open: no namespaces here.",
        "4 rows: 2 whole, 1 broken, 1 not run.",
    ]


def test_the_short_table_has_a_line_for_each_fault() -> None:
    _, _, first, second, *_ = short_table(ROWS).splitlines()
    assert [cell.strip() for cell in first.strip("|").split("|")] == [
        *("cut", "http sftp", "9", "3 reset", "0", "0.5 s", "0.02 s", "+0", "+20", "+0", "2 of 3")
    ]
    assert [cell.strip() for cell in second.strip("|").split("|")][-1] == "0 of 1"


def test_a_row_is_reported_when_it_ends() -> None:
    assert line(ROWS[0]) == "whole   cut, http open: 1 reset; first ok after 0.5 s"
    assert line(ROWS[1]).splitlines()[1].strip() == "it leaks"


def test_a_row_that_two_signals_end_shows_how_long_that_took() -> None:
    assert line(CUT) == "whole   cut, two SIGINT, http open: 1 reset; ended after 1.2 s"
    hung = CUT._replace(seen=seen(status=None, ending=8.0), broken=("frozen",))
    assert "ended after never" in line(hung)


def test_of_many_violations_the_first_are_listed() -> None:
    row = ROWS[0]._replace(broken=[f"violation {number}" for number in range(30)])
    assert line(row).splitlines()[-1].strip() == "and 22 more"
    assert "- and 22 more" in table([row])
