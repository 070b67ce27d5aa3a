"""The moments that files name, and what is wrong with files."""

from __future__ import annotations

import random
from array import array
from pathlib import Path

import pytest
import voluptuous as vol

from fthg.clock import SECOND
from fthg.load.pacing.moments import in_order, read_moments
from fthg.results.write import result_lines, standstill_line
from fthg.standstill import Standstill
from tests.load.results_of import dropped, result

UTC = 1_764_000_000 * SECOND


def moments(directory: Path, content: bytes, column: str = "at") -> list[int]:
    """The moments of a file, in seconds after UTC."""
    path = directory / "a.csv"
    path.write_bytes(content)
    return [(moment - UTC) // SECOND for moment in read_moments(str(path), column)]


@pytest.mark.parametrize(
    "content",
    [
        b"at\n1764000003\n1764000001\n1764000002.5\n",
        b"\xef\xbb\xbfat,x\r\n2025-11-24T16:00:03Z,a\r\n1764000001,b\r\n1764000002,\r\n",
        b'x;at\n"a;b";1764000003\n"a""b";2025-11-24T17:00:01+01:00\n;"1764000002"\n',
        b"x\tat\n1\t1764000003\n\t1764000001\n\n\t  \n\t 1764000002 \n",
        b'\n\nx, at\n"two\nlines",1764000003\n,1764000001\n,1764000002',
        b"at\xc3\xa9,at\nz,1764000003\nz,\nz,1764000001\nz,1764000002\n",
    ],
)
def test_a_csv_has_a_header_line_and_moments_in_any_order(tmp_path: Path, content: bytes) -> None:
    assert moments(tmp_path, content) == [1, 2, 3]


def test_results_have_their_due_times_in_the_column_of_that_name(tmp_path: Path) -> None:
    sent = [result(due=n * SECOND, start=n * SECOND + 1000, end=None) for n in (5, 2, 2)]
    lines = [
        *result_lines([*sent, dropped(due=4 * SECOND)], "r1", UTC),
        b"\n",
        standstill_line(Standstill(SECOND, SECOND, 0, "unknown"), "r1", UTC, {}),
        b'{"due": 1764000007.5, "start": null}\n',
    ]
    path = tmp_path / "r.jsonl"
    path.write_bytes(b"".join(lines))
    assert [moment - UTC for moment in read_moments(str(path), None)] == [
        2 * SECOND, 2 * SECOND, 4 * SECOND, 5 * SECOND, 7 * SECOND + SECOND // 2
    ]  # fmt: skip
    started = [moment - UTC for moment in read_moments(str(path), "start")]
    assert started == [2 * SECOND + 1000, 2 * SECOND + 1000, 5 * SECOND + 1000]


def test_a_name_that_looks_like_a_due_time_is_none(tmp_path: Path) -> None:
    line = result_lines([result(due=SECOND, name='","due":1.000000,"')], "r1", UTC)[0]
    assert moments(tmp_path, line, "due") == [1]


@pytest.mark.parametrize(
    ("content", "column", "key", "reason"),
    [
        (b"", "at", "replay", "a.csv: it is empty"),
        (b"\n \n", "at", "replay", "a.csv: there is no moment in it"),
        (b"at\n", "at", "replay", "a.csv: there is no moment in it"),
        (b"at,x\n,1\n", "at", "replay", "a.csv: there is no moment in it"),
        (b"start,end\n1,2\n", "strat", "column", "a.csv:1: there is no column 'strat'; did you "
         "mean 'start'?"),
        (b"start,end\n1,2\n", None, "column", "a.csv:1: name the column of the moments; there are "
         "start, end"),
        (b"at\n1764000000\nsoon\n", "at", "replay", "a.csv:3: 'soon' is not a moment; write it as"),
        (b'x,at\n"\n\n",1\n,2\n,2262-04-12\n', "at", "replay", "a.csv:6: "),
        (b"x,at\na\n", "at", "replay", "a.csv:2: it ends before the column at"),
        (b"at\n1\n\xff\n", "at", "replay", "a.csv:3: it is not UTF-8 text"),
        (b"at\n1\n\"2\n3\n", "at", "replay", "a.csv:4: unexpected end of data"),
        (b"x,at\n" + b"a" * 300_000 + b",1\n", "at", "replay", "a.csv:2: it is longer than"),
        (b"\xff\xfea\0t\0\n\0", "at", "replay", "a.csv:1: it is not UTF-8 text"),
        (b'{"due":1.5,"x":1}\n{"due":1.5\n', "due", "replay", "a.csv:2: it is cut off"),
        (b'{"due":1.5,"x":1}\n{"due":"x"}\n', "due", "replay", 'a.csv:2: its "due" is not a time'),
        (b'{"x":1}\n', "due", "replay", 'a.csv:1: it has no "due"'),
        (b'{"due":1}\n', "code", "column", "a.csv:1: there is no column 'code'; there are due, "
         "start, end"),
    ],
)  # fmt: skip
def test_an_error_has_its_line_and_the_key_that_is_wrong(
    tmp_path: Path, content: bytes, column: str, key: str, reason: str
) -> None:
    with pytest.raises(vol.Invalid) as raised:
        moments(tmp_path, content, column)
    assert raised.value.path == [key]
    assert str(raised.value.error_message).startswith(f"{tmp_path}/{reason}")


@pytest.mark.parametrize("name", ["none.csv", ".", "x" * 300])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(vol.Invalid, match="cannot be read: "):
        read_moments(str(tmp_path / name), "at")


def test_a_file_is_read_once_while_it_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("at\n1\n")
    assert read_moments(str(path), "at") is read_moments(str(path), "at")
    path.write_text("at\n1\n2\n")
    assert len(read_moments(str(path), "at")) == 2


def test_moments_are_sorted_in_parts() -> None:
    numbers = random.Random(7)
    some = [numbers.randrange(10**18) for _ in range(200_000)]
    assert in_order(array("q", some)) == array("q", sorted(some))
