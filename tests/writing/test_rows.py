from __future__ import annotations

import io

from rich.console import Console
from rich.text import Text

from fthg.writing.rows import WIDTH, heading, leader, list_rows, paragraph, print_rows, row


def _printed(*lines: Text, encoding: str = "utf-8", width: int = 80) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    print_rows(lines, Console(file=file, width=width))
    file.flush()
    return raw.getvalue().decode(encoding)


def test_a_paragraph_is_wrapped_below_its_sign() -> None:
    text = "the server is too slow " * 5
    assert [line.plain for line in paragraph(text, "!")] == [
        "  ! the server is too slow the server is too slow the server is too slow the",
        "    server is too slow the server is too slow",
    ]
    assert [line.plain for line in paragraph("a\x1b[2J\nb")] == ["    a\\x1b[2J\\nb"]


def test_all_labels_of_a_table_are_equally_wide_on_the_terminal() -> None:
    for label in ("a", "a" * 16, "a" * 40, "日本語", "日本語" * 9, "\x1b[1m"):
        assert leader(label).cell_len == leader("a").cell_len


def test_a_line_is_cut_at_the_width_of_the_terminal_but_80_at_least() -> None:
    for width, most in ((40, 80), (80, 80), (100, 100)):
        printed = _printed(row("label", "x" * 200), width=width).splitlines()
        assert [len(line) for line in printed] == [most]


def test_a_terminal_without_unicode_gets_what_it_can_show() -> None:
    assert _printed(*heading("night", "µ"), encoding="ascii").split() == ["#", "night", "u"]


def test_a_list_goes_on_below_where_the_line_is_full() -> None:
    items = [f"192.0.2.{number} × 1200" for number in range(101, 109)]
    lines = [line.plain for line in list_rows("addresses", items)]
    assert lines[:2] == [
        "    addresses........: 192.0.2.101 × 1200, 192.0.2.102 × 1200,",
        "                       192.0.2.103 × 1200, 192.0.2.104 × 1200,",
    ]
    assert all(len(line) <= WIDTH for line in lines)
    assert ", ".join(line[23:].rstrip(",") for line in lines) == ", ".join(items)


def test_a_short_list_is_one_line_and_an_empty_one_none() -> None:
    (line,) = list_rows("codes", ["200 × 3", "503 × 1"])
    assert line == row("codes", "200 × 3, 503 × 1")
    assert not list(list_rows("codes", []))
