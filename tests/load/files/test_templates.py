"""Files that are templates: read once, checked at the start, filled for each transfer."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Callable, Optional, TypeVar

import gevent
import pytest
from gevent.event import Event

from fthg.access import Access
from fthg.content import SMALL
from fthg.errors import StartError
from fthg.load.arrival import Arrival, attempt
from fthg.load.check import describe_plan
from fthg.load.files.passes import names
from fthg.load.files.source import Source
from fthg.load.files.templates import LARGEST, Templates
from fthg.load.plan import Plan
from fthg.protocols.options import Options
from fthg.threads import After
from fthg.transfer import Result
from tests.fakes import FakeClock, FakeSender

from ..snapshots import job

T = TypeVar("T")


def source(directory: Path) -> Source:
    return Source(str(directory), templates=Templates())


def send(source: Source, name: str, seq: int = 0) -> tuple[Result, Optional[bytes]]:
    """Return the result of one arrival, and the bytes that its Sender has got."""
    clock = FakeClock()
    sender = FakeSender(Options(), clock)
    arrival = Arrival("j", seq, f"uuid-{seq}", 0, f"{source.files}/{name}", name)
    result = attempt(arrival, 0, sender, clock, source)
    if not sender.started:
        return result, None
    content = sender.started[0][1].content
    assert content is not None
    return result, b"".join(content.blocks())


def test_each_transfer_has_a_text_and_a_size_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<{uuid} {seq} {path}/>")
    only = source(tmp_path)
    for seq in (9, 10):
        result, text = send(only, "a.xml", seq)
        assert text == f"<uuid-{seq} {seq} a.xml/>".encode()
        assert result.size == len(text)
        assert result.outcome == "ok"


class CountedAccess(Access):
    """An access that counts its calls in threads."""

    calls = 0

    def in_thread(self, act: Callable[[], T], after: Optional[After[T]] = None) -> T:
        self.calls += 1
        return super().in_thread(act, after)


def test_many_that_want_a_large_file_at_once_read_it_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("{seq}" + "x" * SMALL)
    with closing(CountedAccess(local=True)) as access:
        only = replace(source(tmp_path), access=access)
        sending = [gevent.spawn(send, only, "a", seq) for seq in range(10)]
        gevent.joinall(sending, timeout=10, raise_error=True)
        assert access.calls == 1
    assert [each.value[1][:1] for each in sending] == [b"%d" % seq for seq in range(10)]


def test_a_wait_for_a_large_file_that_another_reads_ends_when_the_time_is_up(
    tmp_path: Path,
) -> None:
    (tmp_path / "a").write_text("{seq}" + "x" * SMALL)
    over = Event()

    class Hanging(CountedAccess):
        def in_thread(self, act: Callable[[], T], after: Optional[After[T]] = None) -> T:
            over.wait(10)
            return super().in_thread(act, after)

    with closing(Hanging(local=True, timeout=0.05)) as access:
        only = replace(source(tmp_path), access=access)
        first = gevent.spawn(send, only, "a", 1)
        gevent.sleep(0)
        result, _ = send(only, "a", 2)
        over.set()
        assert first.get(timeout=10)[0].outcome == "ok"
    assert (result.outcome, result.error) == ("failed", "file")
    assert "does not answer" in str(result.detail)


@pytest.mark.parametrize("filler", ["", "x" * SMALL])
def test_a_file_is_read_again_only_when_it_has_changed(tmp_path: Path, filler: str) -> None:
    path = tmp_path / "a"
    path.write_text("{seq}" + filler)
    only = source(tmp_path)
    assert send(only, "a", 1)[1] == b"1" + filler.encode()
    assert only.templates is not None
    known = only.templates._known[str(path)]
    assert send(only, "a", 2)[1] == b"2" + filler.encode()
    assert only.templates._known[str(path)] is known
    path.write_text("{uuid}!" + filler)
    assert send(only, "a", 3)[1] == b"uuid-3!" + filler.encode()


def test_what_a_name_holds_is_not_read_for_placeholders(tmp_path: Path) -> None:
    name = os.fsdecode(b"{uuid}\xff%s")
    (tmp_path / name).write_text("{filename} %s")
    assert send(source(tmp_path), name)[1] == b"{uuid}\xff%s %s"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a\nb {nope}", ":2:3: unknown placeholder {nope}; there are {uuid}"),
        (b"{size}", ":1:1: {size} is not known here"),
        (b'{"a": {}}', ":1:1: a single '{'; write '{{' for a brace"),
        (b"\xff\xfe", ":1:1: no UTF-8 text"),
        (bytes(LARGEST + 1), ": a template has at most 16 MiB, this has 16777217 bytes"),
    ],
)
def test_a_file_that_is_no_template_stops_the_start_and_later_fails_its_transfer(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "b").write_bytes(content)
    (tmp_path / "a").write_text("{uuid}")
    with pytest.raises(StartError) as caught:
        names(source(tmp_path), lambda: 0)
    assert str(caught.value).startswith(f"template: {tmp_path}/b{reason}")
    result, text = send(source(tmp_path), "b")
    assert (result.outcome, result.error, text) == ("failed", "file", None)
    assert result.detail is not None
    assert result.detail.startswith(f"'{tmp_path}/b'{reason}")


def test_check_finds_it_too_and_says_that_placeholders_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("{uuid}")
    plan = Plan("r1", (job(source=source(tmp_path)),))
    assert any(line.endswith(", placeholders inside replaced") for line in describe_plan(plan))
    (tmp_path / "b").write_text("{")
    with pytest.raises(StartError, match="b:1:1: a single"):
        list(describe_plan(plan))


def test_only_the_first_thousand_are_read_at_the_start(tmp_path: Path) -> None:
    for number in range(1001):
        (tmp_path / f"{number:04}").write_text("{" if number == 1000 else "{uuid}")
    names(source(tmp_path), lambda: 0)
    (tmp_path / "0000").unlink()
    with pytest.raises(StartError, match="1000:1:1"):
        names(source(tmp_path), lambda: 0)


def test_a_file_that_vanished_fails_its_transfer_alone(tmp_path: Path) -> None:
    assert send(source(tmp_path), "gone")[0].error == "file"


def test_a_large_one_is_read_by_a_thread_of_the_job(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("{seq}\n" * 300_000)
    with closing(Access(local=True)) as access:
        result, text = send(replace(source(tmp_path), access=access), "a", 7)
        assert access.threads.count == 1
    assert text == b"7\n" * 300_000
    assert result.size == 600_000
