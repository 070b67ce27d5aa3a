from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.results.fields import FIELDS
from fthg.results.write import result_lines
from fthg.transfer import Result

from ..load.results_of import dropped, result

UTC = 1_764_000_000 * SECOND


def one_line(of: Result, run: str, offset: int) -> str:
    (line,) = result_lines([of], run, offset)
    return line.decode()


def test_a_line_has_exactly_the_keys_of_the_contract_in_order() -> None:
    line = json.loads(one_line(result(), "r1", UTC))
    assert list(line) == [
        *("run", "job", "seq", "uuid", "file", "size", "outcome", "due", "start", "end"),
        *("code", "error", "detail", "bytes", "phases", "remote", "local_port", "reused"),
    ]
    assert list(line) == list(FIELDS)
    assert line["run"] == "r1"
    assert line["file"] == "a.txt"
    assert line["phases"] == {"sending": 0.005, "waiting": 0.015}


def test_times_are_unix_seconds_to_the_microsecond() -> None:
    line = one_line(result(due=SECOND, start=SECOND + 1000, end=2 * SECOND), "r1", UTC)
    assert '"due":1764000001.000000,"start":1764000001.000001,"end":1764000002.000000,' in line


def test_what_does_not_apply_is_null() -> None:
    line = json.loads(one_line(dropped(name=None, size=None), "r1", UTC))
    for key in ("start", "end", "code", "error", "detail", "file", "size", "remote", "reused"):
        assert line[key] is None
    assert line["phases"] == {}


@pytest.mark.parametrize("name", [b"a b", b'"', b"\\", b"new\nline", "héllo".encode(), b"\xff\xfe"])
def test_every_file_name_survives(name: bytes) -> None:
    line = one_line(result(name=os.fsdecode(name)), "r1", UTC)
    assert line.count("\n") == 1
    assert os.fsencode(json.loads(line)["file"]) == name


@given(st.text(), st.text(), st.text(), st.integers(0, 2**62))
def test_any_text_is_read_back_as_it_was(run: str, job: str, detail: str, seq: int) -> None:
    line = json.loads(one_line(result(job=job, detail=detail, seq=seq), run, UTC))
    assert (line["run"], line["job"], line["detail"], line["seq"]) == (run, job, detail, seq)
