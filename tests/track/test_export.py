from __future__ import annotations

import csv
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.track.export import write_csv
from fthg.track.tracked import Row, Tracked

from .world import SECOND, START, World

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    " =1",
    'a,b"c"\r\nd',
    "<script>alert(1)</script>",
    "</script><!--",
    "файл-🎉-\u202egpj.exe",
    "x" * 4096,
    "",
]


def _lines(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@given(st.text().filter(lambda text: "\0" not in text))
def test_no_text_is_a_formula_and_none_is_lost(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("csv") / "all.csv"
    write_csv([Tracked("failed", Row(text, text, START, None, text), None)], str(path), sent=False)
    _, line = _lines(path)
    for cell in (line[0], line[1], line[11]):
        assert cell in (text, "'" + text)
        assert cell.lstrip(" ")[:1] not in ("=", "+", "-", "@", "\t", "\r")


def test_lines_end_and_quote_as_rfc_4180_says(tmp_path: Path) -> None:
    row = Row(str(uuid4()), 'a "b", c', START, START + 1, "SUCCESS")
    write_csv([Tracked("unpaired", row, None)], str(tmp_path / "all.csv"), sent=True)
    written = (tmp_path / "all.csv").read_bytes()
    assert written.count(b"\r\n") == written.count(b"\n") == 2
    assert b'"a ""b"", c"' in written
    assert b"2026-01-01T00:00:00.000001Z" in written
    assert len({len(line) for line in _lines(tmp_path / "all.csv")}) == 1


def test_a_clock_that_runs_behind_shows_as_a_negative_number_not_a_formula(tmp_path: Path) -> None:
    ingress = Row(None, "a", START, START, None)
    egress = Row(None, "a", START - 3 * SECOND, START - SECOND, None)
    write_csv([Tracked("passed", ingress, egress)], str(tmp_path / "all.csv"), sent=False)
    assert _lines(tmp_path / "all.csv")[1][8:11] == ["-3.000000", "2.000000", "-1.000000"]


def test_hostile_texts_of_a_database_come_through_whole(world: World) -> None:
    for server in (world.ingress, world.egress):
        server.schema("tracking", "VARCHAR(255)", "DATETIME(6)", "VARCHAR(255)")
    rows = [
        (f"{text[:200]}{n}", text, START + n, None, text[:200]) for n, text in enumerate(HOSTILE)
    ]
    world.insert("ingress", *rows)
    world.insert("egress", *rows)
    assert world.run(world.plan(output=str(world.directory / "report.html"))) == 0
    assert {line["filename"].lstrip("'") for line in world.lines} == set(HOSTILE)
    assert world.summary["failed"] == len(HOSTILE)
    assert world.summary["data_quality"]["malformed_uuid"] == 2 * len(HOSTILE)


def test_malformed_uuids_pair_by_their_text_and_are_unpaired_else(world: World) -> None:
    world.egress.schema("tracking", "UUID")
    world.insert("ingress", ("order-1", "a", START, None, None), ("", "b", START, None, None))
    world.insert("ingress", ("", "c", START, None, None), (None, "d", START, None, None))
    assert world.run() == 5
    assert world.summary["unpaired"] == {"ingress": 4, "egress": 0}
    assert world.summary["data_quality"] == {"malformed_uuid": 3, "null_uuid": 1}
