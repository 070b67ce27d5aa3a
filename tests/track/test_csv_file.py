from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.text import iso_micros
from fthg.track.csv_lines import COLUMNS, SENT_COLUMNS
from fthg.track.outcomes import RESULTS
from fthg.track.tracked import Row, SentFile, Tracked
from fthg.track.uuids import key_of, show_key

from .paired_ledgers import in_order, write_csv
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


texts = st.none() | st.sampled_from(HOSTILE) | st.text().filter(lambda text: "\0" not in text)
moments = st.none() | st.integers(-(10**12), 10**17)
rows = st.none() | st.builds(
    Row, st.none() | st.uuids().map(str) | texts, texts, moments, moments, texts
)
sent_files = st.none() | st.builds(
    SentFile,
    uuid=st.none(),
    job=st.just("orders"),
    name=st.just("a"),
    size=st.none() | st.integers(0, 2**53),
    start=st.integers(0, 10**17),
    end=moments,
    outcome=st.just("ok"),
    error=st.none(),
)


def _tracked(
    result: str, ingress: Optional[Row], egress: Optional[Row], sent: Optional[SentFile]
) -> Tracked:
    if ingress and egress:
        egress = egress._replace(uuid=ingress.uuid)  # or they were no pair
    return Tracked(result, ingress, egress, sent)


transfers = st.builds(_tracked, st.sampled_from(RESULTS), rows, rows, sent_files).filter(
    lambda one: (
        bool(one.ingress or one.egress)
        and (one.throughput or 0) < 2**63
        and (one.delivery or 0) < 2**43  # three months
    )
)


def _write(some: Sequence[Tracked], path: Path, sent: bool = False) -> bytes:
    write_csv(some, path, sent)
    return path.read_bytes()


@given(st.lists(transfers, max_size=5), st.booleans())
def test_every_cell_is_what_plain_python_makes_of_it(
    tmp_path_factory: pytest.TempPathFactory, some: list[Tracked], sent: bool
) -> None:
    model = io.StringIO(newline="")
    writer = csv.writer(model)
    writer.writerow(COLUMNS + SENT_COLUMNS if sent else COLUMNS)
    writer.writerows(_line(transfer, sent) for transfer in in_order(some))
    written = _write(some, tmp_path_factory.getbasetemp() / "model.csv", sent)
    assert written.decode() == model.getvalue()


def _line(transfer: Tracked, sent: bool) -> list[Any]:
    empty = Row(None, None, None, None, None)
    ingress, egress = transfer.ingress or empty, transfer.egress or empty
    line: list[Any] = [
        _safe(show_key(key_of(transfer.uuid))),
        _safe(transfer.filename),
        transfer.result,
        *map(_time, (ingress.start, ingress.end, egress.start, egress.end)),
        _seconds(ingress.duration),
        _seconds(transfer.hand_over),
        _seconds(egress.duration),
        _seconds(transfer.transit),
        _safe(ingress.status),
        _safe(egress.status),
    ]
    if sent:
        file = transfer.sent
        line += [_time(file.start), _time(file.end), file.size] if file else [None] * 3
        line += [_seconds(transfer.delivery), transfer.throughput]
    return line


def _safe(text: Optional[str]) -> Optional[str]:
    if text is not None and text.lstrip(" ").startswith(tuple("=+-@\t\r\n＝＋－＠")):
        return "'" + text
    return text


def _seconds(microseconds: Optional[int]) -> Optional[str]:
    if microseconds is None:
        return None
    sign = "-" if microseconds < 0 else ""
    seconds, rest = divmod(abs(microseconds), SECOND)
    return f"{sign}{seconds}.{rest:06d}"


def _time(microseconds: Optional[int]) -> Optional[str]:
    return None if microseconds is None else iso_micros(microseconds * 1000)


@given(st.text().filter(lambda text: "\0" not in text))
def test_no_text_is_a_formula_and_none_is_lost(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "all.csv"
    _write([Tracked("failed", Row(None, text, START, None, text), None)], path)
    _, line = _lines(path)
    for cell in (line[1], line[11]):
        assert cell in (text, "'" + text)
        assert cell.lstrip(" ")[:1] not in ("=", "+", "-", "@", "\t", "\r")


def test_lines_end_and_quote_as_rfc_4180_says(tmp_path: Path) -> None:
    row = Row(str(uuid4()), 'a "b", c', START, START + 1, "SUCCESS")
    written = _write([Tracked("unpaired", row, None)], tmp_path / "all.csv", sent=True)
    assert written.count(b"\r\n") == written.count(b"\n") == 2
    assert b'"a ""b"", c"' in written
    assert b"2026-01-01T00:00:00.000001Z" in written
    assert len({len(line) for line in _lines(tmp_path / "all.csv")}) == 1


def test_a_clock_that_runs_behind_shows_as_a_negative_number_not_a_formula(tmp_path: Path) -> None:
    ingress = Row(None, "a", START, START, None)
    egress = Row(None, "a", START - 3 * SECOND, START - SECOND, None)
    _write([Tracked("passed", ingress, egress)], tmp_path / "all.csv")
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
