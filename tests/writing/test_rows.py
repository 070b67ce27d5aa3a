from __future__ import annotations

import io
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from fthg.writing.rows import (
    WIDTH,
    cut_middle,
    cut_names,
    heading,
    leader,
    list_rows,
    paragraph,
    print_rows,
    row,
)


def _printed(*lines: Text, encoding: str = "utf-8", width: int = 80, **options: Any) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    print_rows(lines, Console(file=file, width=width, **options))
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


def test_a_line_is_cut_at_the_width_of_a_terminal_elsewhere_at_80_at_least() -> None:
    for width, elsewhere in ((40, 80), (80, 80), (100, 100)):
        for terminal, most in ((True, width), (False, elsewhere)):
            line = row("label", "x" * 200, style="")
            printed = _printed(line, width=width, force_terminal=terminal, color_system=None)
            assert [len(line) for line in printed.splitlines()] == [most]


def test_a_text_that_is_too_long_lacks_its_middle() -> None:
    assert cut_middle("partner-07-emea", 15) == "partner-07-emea"
    assert cut_middle("partner-07-emea", 9) == "part…emea"
    for text in ("partner-07-emea", "日本語の仕事の名前", "a日b本c語d" * 3):
        for room in range(3, cell_len(text)):
            cut = cut_middle(text, room)
            assert room - 1 <= cell_len(cut) <= room
            assert "…" in cut


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


def test_names_are_cut_where_they_differ() -> None:
    names = [f"a-long-name-of-customer-{number:02}-production-emea" for number in range(20)]
    for room in (24, 30, 41):
        cut = cut_names(names, room)
        assert len(set(cut)) == 20
        assert {len(name) for name in cut} == {room}
    assert cut_names(["a", "b"], 1) == ["a", "b"]
    assert len(set(cut_names(names, 5))) < 20  # there is no room for it
