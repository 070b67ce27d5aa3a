from __future__ import annotations

import struct
from collections.abc import Generator
from typing import Optional

import gevent
import pytest
from gevent.queue import Queue
from hypothesis import given
from hypothesis import strategies as st

from fthg.content import OnRead
from fthg.errors import TransferError
from fthg.protocols.sftp import packets
from fthg.protocols.sftp.abilities import Abilities
from fthg.protocols.sftp.remote_path import RemoteNames
from fthg.protocols.sftp.script import Blocks
from fthg.protocols.sftp.session import LIMIT, Session
from fthg.protocols.sftp.steps import UploadSettings
from fthg.protocols.sftp.upload import Upload
from fthg.protocols.stopwatch import Stopwatch
from tests.fakes import Memory
from tests.waiting import until


class Stream:
    """A channel whose server is the test; `sent` has what it would receive."""

    def __init__(self) -> None:
        self.incoming: Queue[bytes] = Queue()
        self.sent: list[tuple[int, int]] = []  # packet type, id
        self._splitter = packets.Splitter()

    def recv(self, nbytes: int) -> bytes:  # noqa: ARG002 - as a channel has it
        data: bytes = self.incoming.get()
        return data

    def send(self, data: bytes) -> int:
        self.sent += [struct.unpack(">BI", packet[:5]) for packet in self._splitter.feed(data)]
        return len(data)

    def say(self, kind: int, ident: int, rest: bytes) -> None:
        body = struct.pack(">BI", kind, ident) + rest
        self.incoming.put(struct.pack(">I", len(body)) + body)

    def serve(self, *, but: Optional[int] = None) -> None:
        """Answer all requests, except those of one packet type."""
        for kind, ident in self.sent:
            if kind == packets.OPEN:
                self.say(packets.HANDLE, ident, struct.pack(">I", 1) + b"h")
            elif kind != but:
                self.say(packets.STATUS, ident, struct.pack(">I", 0))
        self.sent.clear()

    def serve_to_end(self, *uploads: Upload) -> None:
        """Answer all requests until these uploads are done."""
        while not all(one.done for one in uploads):
            self.serve()
            gevent.sleep(0.001)


def start(stream: Stream, extensions: Optional[packets.Extensions] = None) -> Session:
    def end() -> TransferError:
        stream.incoming.put(b"")
        return TransferError("reset", "the server closed the connection")

    return Session(stream, Abilities(extensions or {}), lambda: 0, end)


class Slow:
    """Content of three bytes, which are there once they are `read`."""

    size = 3

    def __init__(self) -> None:
        self.there = self.stopped = False
        self.on_read: OnRead = pytest.fail

    def poll_blocks(self, most: int, on_read: OnRead) -> Generator[bytes, None, None]:
        assert most >= self.size
        self.on_read = on_read
        try:
            while not self.there:
                yield b""
            yield b"abc"
        finally:
            self.stopped = True

    def read(self) -> None:
        self.there = True
        self.on_read()


def upload(content: Optional[Blocks] = None) -> Upload:
    return Upload(
        RemoteNames(b"f", b"f"),
        content or Memory(b"abc"),
        UploadSettings(),
        Stopwatch(lambda: 0, "blocked"),
    )


def kind_of(sent: Upload) -> Optional[str]:
    return sent.error.kind if sent.error else None


def test_no_more_than_so_many_are_under_way_and_the_others_follow() -> None:
    stream = Stream()
    session = start(stream)
    sent = [upload() for _ in range(LIMIT + 10)]
    putting = [gevent.spawn(session.put, one) for one in sent]
    while len(stream.sent) < LIMIT:
        gevent.sleep(0.001)
    gevent.sleep(0.01)
    assert len(stream.sent) == LIMIT
    stream.serve_to_end(*sent)
    gevent.joinall(putting, timeout=1, raise_error=True)
    assert all(one.ready() for one in putting)
    assert not any(one.error for one in sent)


@given(st.binary(min_size=4, max_size=64).filter(lambda data: data[0] > 0))  # a length too great
def test_garbage_fails_every_upload_as_a_protocol_error(garbage: bytes) -> None:
    stream = Stream()
    session = start(stream)
    sent = [upload() for _ in range(3)]
    putting = [gevent.spawn(session.put, one) for one in sent]
    gevent.sleep(0)
    stream.incoming.put(garbage)
    gevent.joinall(putting, timeout=5, raise_error=True)
    assert [kind_of(one) for one in sent] == ["protocol"] * 3


@pytest.mark.parametrize("ident", [0, 7, 2**32 - 1])
def test_an_answer_that_nothing_asked_for_is_a_protocol_error(ident: int) -> None:
    stream, sent = Stream(), upload()
    session = start(stream)
    putting = gevent.spawn(session.put, sent)
    gevent.sleep(0)
    stream.say(packets.STATUS, ident, struct.pack(">I", 0))
    putting.get(timeout=5)
    assert kind_of(sent) == "protocol"


TELLS_LIMITS = {packets.LIMITS: b"1"}


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (packets.EXTENDED_REPLY, struct.pack(">QQQQ", 1 << 18, 9, 255 * 1024, 1019)),
        (packets.STATUS, struct.pack(">I", 8)),  # it does not support it, after all
    ],
)
def test_the_limits_are_asked_for_first_and_nothing_waits_for_them(
    kind: int, answer: bytes
) -> None:
    stream, sent = Stream(), upload()
    session = start(stream, TELLS_LIMITS)
    putting = gevent.spawn(session.put, sent)
    gevent.sleep(0.01)
    assert stream.sent == [(packets.EXTENDED, 0), (packets.OPEN, 1)]
    stream.sent.pop(0)
    stream.say(kind, 0, answer)
    stream.serve_to_end(sent)
    putting.get(timeout=1)
    assert kind_of(sent) is None
    stream.incoming.put(b"")


def test_limits_are_told_once() -> None:
    stream, sent = Stream(), upload()
    session = start(stream, TELLS_LIMITS)
    putting = gevent.spawn(session.put, sent)
    gevent.sleep(0)
    for _ in range(2):
        stream.say(packets.EXTENDED_REPLY, 0, struct.pack(">QQQQ", 0, 0, 0, 0))
    putting.get(timeout=5)
    assert kind_of(sent) == "protocol"


@pytest.mark.parametrize("extensions", [{}, {packets.LIMITS: b"2"}, {b"limits": b"1"}])
def test_other_servers_are_not_asked_for_limits(extensions: packets.Extensions) -> None:
    stream, sent = Stream(), upload()
    session = start(stream, extensions)
    putting = gevent.spawn(session.put, sent)
    gevent.sleep(0.01)
    assert stream.sent == [(packets.OPEN, 1)]
    stream.incoming.put(b"")
    putting.get(timeout=5)


def test_the_end_of_the_stream_fails_what_is_under_way_and_all_that_follows() -> None:
    stream, sent, late = Stream(), upload(), upload()
    session = start(stream)
    putting = gevent.spawn(session.put, sent)
    gevent.sleep(0)
    stream.incoming.put(b"")
    putting.get(timeout=5)
    session.put(late)
    assert (kind_of(sent), kind_of(late)) == ("reset", "reset")
    assert not late.started


def test_an_upload_nobody_waits_for_is_abandoned_until_the_server_answers() -> None:
    stream, sent = Stream(), upload()
    session = start(stream)
    with pytest.raises(gevent.Timeout), gevent.Timeout(0.01):
        session.put(sent)
    assert session.abandoned == 1
    for _ in range(3):
        stream.serve()
        gevent.sleep(0.01)
    assert session.abandoned == 0
    assert sent.done
    stream.incoming.put(b"")


def test_a_transfer_that_is_killed_does_not_disturb_the_others() -> None:
    stream, killed, other = Stream(), upload(), upload()
    session = start(stream)
    first, second = gevent.spawn(session.put, killed), gevent.spawn(session.put, other)
    gevent.sleep(0.01)
    first.kill()
    stream.serve_to_end(other)
    second.get(timeout=1)
    assert kind_of(other) is None
    stream.incoming.put(b"")


def test_a_file_that_is_not_there_yet_delays_no_other_upload() -> None:
    stream, content = Stream(), Slow()
    slow, others = upload(content), [upload() for _ in range(10)]
    session = start(stream)
    putting = [gevent.spawn(session.put, one) for one in (slow, *others)]
    gevent.sleep(0)
    stream.serve_to_end(*others)
    assert not slow.done
    assert stream.sent == []
    content.read()
    stream.serve_to_end(slow)
    gevent.joinall(putting, timeout=1, raise_error=True)
    assert [kind_of(one) for one in (slow, *others)] == [None] * 11
    assert (slow.sent, slow.starved) == (3, False)
    stream.incoming.put(b"")


def test_an_upload_that_is_abandoned_knows_whether_it_waited_for_its_file() -> None:
    stream, contents = Stream(), [Slow(), Slow()]
    sent = [upload(content) for content in contents]
    session = start(stream)
    putting = [gevent.spawn(session.put, one) for one in sent]
    until(lambda: len(stream.sent) == 2)
    stream.serve()  # OPEN
    until(lambda: all(one.reading for one in sent))
    contents[1].read()
    until(lambda: stream.sent)
    assert [kind for kind, _ in stream.sent] == [packets.WRITE]
    gevent.killall(putting)
    assert [one.starved for one in sent] == [True, False]
    assert all(content.stopped for content in contents)
    stream.serve_to_end(*sent)  # and what was opened is removed
    assert [kind_of(one) for one in sent] == ["timeout", "timeout"]
    stream.incoming.put(b"")


def test_after_the_end_of_the_stream_no_file_is_read() -> None:
    stream, content = Stream(), Slow()
    sent = upload(content)
    session = start(stream)
    putting = gevent.spawn(session.put, sent)
    until(lambda: stream.sent)
    stream.serve()  # OPEN
    until(lambda: sent.reading)
    stream.incoming.put(b"")
    putting.get(timeout=5)
    assert content.stopped
    assert kind_of(sent) == "reset"
    content.read()  # too late
    gevent.sleep(0.01)
    assert stream.sent == []
