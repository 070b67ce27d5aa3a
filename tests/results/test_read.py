from __future__ import annotations

import io
import json
import random
from typing import Any, Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.errors import KINDS
from fthg.peer import Peer
from fthg.results.quick import quick
from fthg.results.read import NAMED, Skipped, parse_line, read_lines, read_results
from fthg.results.recorded import RecordedStandstill
from fthg.results.strict import LONGEST, parse_moment, parse_standstill, parse_strictly
from fthg.results.write import result_lines, standstill_line
from fthg.standstill import Slices, Standstill
from fthg.transfer import DETAIL_LENGTH, OUTCOMES, PHASES, Result
from tests.load.results_of import dropped, result

UTC = 1_764_000_000 * SECOND
MICROSECOND = 1000

moments = st.integers(0, 10**9).map(lambda micros: micros * MICROSECOND)
results_of_runs = st.builds(
    Result,
    job=st.text(min_size=1),
    seq=st.integers(0, 1 << 62),
    uuid=st.uuids().map(str),
    name=st.none() | st.text(),
    size=st.none() | st.integers(0, 1 << 62),
    outcome=st.sampled_from(OUTCOMES),
    due=moments,
    start=st.none() | moments,
    end=st.none() | moments,
    code=st.none() | st.integers(0, 999),
    error=st.none() | st.sampled_from(list(KINDS)),
    detail=st.none() | st.text(),
    bytes=st.integers(0, 1 << 62),
    phases=st.dictionaries(st.sampled_from(PHASES), st.just(0.25), max_size=3),
    # The number of a connection is of the log alone.
    peer=st.none() | st.builds(Peer, st.text(), st.integers(0, 65535), st.booleans(), st.none()),
)


def read(content: bytes) -> tuple[list[Result], Skipped]:
    """The results of a file, with moments as readings of the clock that wrote it."""
    skipped = Skipped()
    found = [record.result for record in read_results(io.BytesIO(content), skipped)]
    return [
        one._replace(
            due=one.due - UTC,
            start=None if one.start is None else one.start - UTC,
            end=None if one.end is None else one.end - UTC,
        )
        for one in found
    ], skipped


def line(**changes: Any) -> bytes:
    (only,) = result_lines([result(**changes)], "r1", UTC)
    return only


@given(st.lists(results_of_runs))
def test_what_was_written_is_read_back(written: list[Result]) -> None:
    content = b"".join(result_lines(written, "r1", UTC))
    assert read(content) == (written, Skipped())


def to_the_microsecond(one: Result) -> Result:
    def cut(reading: Optional[int]) -> Optional[int]:
        return None if reading is None else reading // MICROSECOND * MICROSECOND

    return one._replace(
        due=one.due // MICROSECOND * MICROSECOND,
        start=cut(one.start),
        end=cut(one.end),
        phases={name: round(seconds, 6) for name, seconds in one.phases.items()},
    )


readings = st.integers(0, 10**15)  # eleven days in nanoseconds


@given(
    results_of_runs,
    st.text(min_size=1),
    st.builds(dict, due=readings, start=st.none() | readings, end=st.none() | readings),
    st.dictionaries(
        st.sampled_from(PHASES), st.floats(0, 10**6, allow_subnormal=False), max_size=len(PHASES)
    ),
    st.integers(0, 999).map(lambda micros: UTC + micros * MICROSECOND),
)
def test_reading_what_was_written_is_the_identity_to_the_microsecond(
    one: Result, run: str, moments: dict[str, Any], phases: dict[str, float], offset: int
) -> None:
    written = one._replace(**moments, phases=phases)
    (line,) = result_lines([written], run, offset)
    assert line.count(b"\n") == 1
    read_run, found, _ = parse_line(line)
    back = found._replace(
        due=found.due - offset,
        start=None if found.start is None else found.start - offset,
        end=None if found.end is None else found.end - offset,
    )
    assert (read_run, back) == (run, to_the_microsecond(written))


def test_a_longer_detail_of_another_program_is_cut() -> None:
    detail = "x" * 5000
    found = parse_line(line(detail=detail)).result.detail
    assert found == "x" * (DETAIL_LENGTH - 1) + "…"
    assert parse_line(line(detail=detail[:DETAIL_LENGTH])).result.detail == detail[:DETAIL_LENGTH]


WHOLE = [result(seq=0, name="\udcff}\n"), dropped(seq=1), result(seq=2, phases={"waiting": 0.1})]
FILE = b"".join(result_lines(WHOLE, "r1", UTC))


def test_a_file_cut_off_at_any_byte_has_exactly_its_whole_lines() -> None:
    ends = [index for index, byte in enumerate(FILE) if byte == ord("\n")]
    for size in range(len(FILE) + 1):
        found, skipped = read(FILE[:size])
        # Where just the line end is missing, nothing of the line is.
        assert found == WHOLE[: sum(size >= end for end in ends)], size
        begun = FILE[:size].rpartition(b"\n")[2]
        cut = begun and size not in ends
        assert skipped.tail == ((len(found) + 1, len(begun)) if cut else None), size
        assert not skipped.lines


def test_what_comes_after_a_line_that_was_cut_off_is_read() -> None:
    content = line(seq=1) + line(seq=2)[:50] + b"\n" + line(seq=3)
    found, skipped = read(content)
    assert [one.seq for one in found] == [1, 3]
    assert skipped == Skipped(1, [(2, "it is cut off")])


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"\xff\xfe{}", "it is not UTF-8 text"),
        (b"hello", "it is not JSON"),
        (b"[1, 2]", "it is not a JSON object"),
        (b"[" * 100_000, "it is not JSON"),
        (b'{"run": 17}', 'it has no "due"'),
        (line().replace(b'"run":"r1"', b'"run":1'), 'its "run" is not a text'),
        (line().replace(b'"job":"orders",', b""), 'it has no "job"'),
        (line().replace(b'"outcome":"ok"', b'"outcome":"fine"'), 'its "outcome" is none of ok,'),
        (line().replace(b'"seq":0', b'"seq":-1'), 'its "seq" is not a whole number'),
        (line().replace(b'"size":100', b'"size":1e300'), 'its "size" is not a whole number'),
        (line().replace(b'"size":100', b'"size":true'), 'its "size" is not a whole number'),
        (
            line().replace(b'"start":', b'"start":1e99,"x":'),
            'its "start" is not a time in Unix seconds',
        ),
        (line().replace(b'"due":1', b'"due":-1'), 'its "due" is not a time in Unix seconds'),
        (b'{"due": NaN}', 'its "due" is not a time in Unix seconds'),
        (line(error="other"), 'its "error" is none of dns,'),
        (
            line().replace(b'"phases":{', b'"phases":{"idling":1,'),
            'its "phases" are not all known phases',
        ),
        (
            line().replace(b'"waiting":0.0', b'"waiting":-0.0001'),
            'its "phases" are not all known phases',
        ),
        (
            b'{"due": 1, "phases": [1], "job": "j", "outcome": "ok"}',
            'its "phases" are not a mapping',
        ),
        (b'{"due": 1, "x": "' + b"x" * LONGEST + b'"}', f"it is longer than {LONGEST} bytes"),
    ],
)
def test_a_line_that_is_no_result_is_named_with_its_error(broken: bytes, reason: str) -> None:
    found, skipped = read(line(seq=1) + broken.strip(b"\n") + b"\n" + line(seq=3))
    assert [one.seq for one in found] == [1, 3]
    ((number, why),) = skipped.reasons
    assert number == 2
    assert why.startswith(reason)


def test_many_such_lines_are_counted_and_the_first_ones_named() -> None:
    found, skipped = read(line() + b"no\n" * 1000)
    assert len(found) == 1
    assert skipped.lines == 1000
    assert [number for number, _ in skipped.reasons] == list(range(2, 2 + NAMED))


def test_blank_lines_and_keys_of_later_versions_do_no_harm() -> None:
    content = b"\n  \r\n" + line().replace(b"}\n", b',"new":[1,{}]}\r\n')
    found, skipped = read(content)
    assert len(found) == 1
    assert skipped == Skipped()


def test_a_line_written_by_another_program_is_read_too() -> None:
    entry = json.loads(line())
    del entry["detail"], entry["phases"], entry["code"]
    assert parse_line(json.dumps(entry, indent=None).encode()).result.size == 100


@given(st.binary() | st.lists(st.binary() | st.just(line()) | st.just(line()[:-9])).map(b"".join))
@example(line()[:-1])
@example(b"\0" * 4096)
@example(b"\t")
def test_no_bytes_end_the_reading(content: bytes) -> None:
    found, skipped = read(content)
    counted = len(found) + skipped.lines + (skipped.tail is not None)
    assert counted == sum(bool(one.strip()) for one, _ in read_lines(io.BytesIO(content)))


def test_any_byte_may_be_another_one() -> None:
    dice = random.Random(20261124)
    for _ in range(3000):
        content = bytearray(FILE)
        for _ in range(dice.randint(1, 4)):
            content[dice.randrange(len(content))] = dice.choice(
                b'\0\n"{}[]:,0-9.eE\\\xff' + b"\x80"
            )
        found, skipped = read(bytes(content))
        assert len(found) <= len(WHOLE)
        assert skipped.lines <= 8


def test_memory_is_bounded_however_long_a_line_is() -> None:
    class Endless(io.RawIOBase):
        """A gigabyte without a line end, and how much of it was ever asked for at once."""

        left, most = 1 << 30, 0

        def readline(self, size: Optional[int] = -1, /) -> bytes:
            assert size
            self.most = max(self.most, size)
            now = min(size, self.left)
            self.left -= now
            return b"x" * now

    file: Any = Endless()
    skipped = Skipped()
    assert list(read_results(file, skipped)) == []
    assert skipped.reasons == [(1, f"it is longer than {LONGEST} bytes")]
    assert file.most == LONGEST + 1


standstills = st.builds(
    Standstill,
    start=moments,
    length=moments,
    dropped=st.integers(0, 1 << 62),
    cause=st.text(min_size=1, max_size=DETAIL_LENGTH),
)


@given(standstills, st.text(min_size=1), st.dictionaries(st.text(), st.just((1, 4)), max_size=2))
def test_a_standstill_that_was_written_is_read_back(
    one: Standstill, run: str, slices: Slices
) -> None:
    line = standstill_line(one, run, UTC, slices)
    assert line.count(b"\n") == 1
    expected = one._replace(start=one.start + UTC)
    assert parse_standstill(line) == RecordedStandstill(run, expected, slices)
    assert read(line) == ([], Skipped())


STANDSTILL = standstill_line(Standstill(SECOND, 5 * SECOND, 400, "unknown"), "r1", UTC, {})


def test_a_standstill_has_a_line_of_its_own_beside_results() -> None:
    assert json.loads(STANDSTILL) == {
        "run": "r1",
        "standstill": {
            "start": 1764000001.0, "seconds": 5.0, "dropped": 400, "cause": "unknown",
        },
    }  # fmt: skip
    found, skipped = read(line(seq=1) + STANDSTILL + line(seq=2))
    assert [one.seq for one in found] == [1, 2]
    assert skipped == Skipped()


@pytest.mark.parametrize(
    "broken",
    [
        STANDSTILL.replace(b'"run":"r1",', b""),
        STANDSTILL.replace(b'"start":', b'"begin":'),
        STANDSTILL.replace(b'"seconds":5', b'"seconds":-5'),
        STANDSTILL.replace(b'"dropped":400', b'"dropped":"many"'),
        STANDSTILL.replace(b'"cause":"unknown"', b'"cause":null'),
        STANDSTILL.replace(b'"dropped":400', b'"dropped":400,"slices":{"j":"first"}'),
        STANDSTILL.replace(b'"dropped":400', b'"dropped":400,"slices":[1]'),
        b'{"run":"r1","standstill":17}\n',
        b'"standstill"\n',
        STANDSTILL[:40] + b"\n",
    ],
)
def test_a_line_that_is_no_whole_standstill_is_counted_as_skipped(broken: bytes) -> None:
    assert parse_standstill(broken) is None
    assert read(broken)[1].lines == 1


@given(results_of_runs)
def test_one_moment_of_a_result_is_read_as_with_all_the_rest(sent: Result) -> None:
    line = result_lines([sent], "r1", UTC)[0]
    spaced = json.dumps(json.loads(line)).encode()
    for text in (line, spaced):
        assert parse_moment(text, "due") == sent.due + UTC
        assert parse_moment(text, "start") == (None if sent.start is None else sent.start + UTC)
        assert parse_moment(text, "end") == (None if sent.end is None else sent.end + UTC)


@pytest.mark.parametrize(
    "line", [b"x", b'{"start":1.5}', b'{"due":"1"}', b'{"x":1,"due":1.500000,"']
)
def test_a_moment_of_what_is_no_result_is_an_error(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"it is|it has|its"):
        parse_moment(line, "due")


ordinary = st.sampled_from(
    [
        result(),
        dropped(),
        result(outcome="failed", error="reset", detail="cut off", start=None, code=None),
        result(peer=Peer("192.0.2.1:443", 40_000, reused=True), phases={"waiting": 0.5}),
    ]
)


@given(
    ordinary | results_of_runs,
    st.sampled_from(["r1", "nightly-7"]) | st.text(min_size=1),
    st.sampled_from(["", "3/10"]) | st.text(),
    st.data(),
)
def test_the_quick_way_reads_nothing_otherwise_than_the_strict_one(
    one: Result, run: str, slice_: str, data: st.DataObject
) -> None:
    (line,) = result_lines([one], run, data.draw(moments), slice_)
    assert quick(line) in (None, parse_strictly(line))
    at = data.draw(st.integers(0, len(line)))
    put = data.draw(
        st.binary(max_size=2)
        | st.sampled_from(
            [b"0", b"9", b".", b"-", b"e9", b",", b'"', b"\\", b"null", b"\x7f", b"\n", b"\xff"]
        )
    )
    mutated = line[:at] + put + line[at + data.draw(st.integers(0, 3)) :]
    found = quick(mutated)
    assert found is None or found == parse_strictly(mutated)


@pytest.mark.parametrize(
    "changes", [{}, {"peer": Peer("[::1]:22", 5, reused=True)}, {"error": "reset", "detail": "cut"}]
)
@pytest.mark.parametrize("slice_", ["", "3/10"])
def test_ordinary_lines_are_read_the_quick_way(changes: dict[str, Any], slice_: str) -> None:
    (line,) = result_lines([result(**changes)], "nightly-7", UTC, slice_)
    assert quick(line) == parse_strictly(line) == parse_line(line)
