from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import gevent

from fthg.writing.writer import Writer

PATIENCE = 5.0


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    try:
        yield read, write
    finally:
        for fd in (read, write):
            with suppress(OSError):
                os.close(fd)


def test_pieces_are_written_in_their_order_also_those_put_before_the_start() -> None:
    written: list[bytes] = []

    def write(pieces: Sequence[bytes]) -> Sequence[bytes]:
        written.extend(pieces)
        return ()

    writer = Writer(write, 1000, len)
    pieces = [b"%d" % number for number in range(100)]
    writer.put(pieces[0])
    writer.start("a test")
    for piece in pieces[1:]:
        assert writer.put(piece)
    assert writer.close(PATIENCE) == []
    assert written == pieces
    assert writer.waiting == 0


def test_a_write_that_blocks_delays_no_greenlet_and_its_pieces_are_told_at_the_end() -> None:
    with pipe() as (_, full):

        def write(pieces: Sequence[bytes]) -> Sequence[bytes]:
            for piece in pieces:
                os.write(full, piece)  # blocks for good: nobody reads
            return ()

        writer = Writer(write, 1 << 20, len)
        writer.start("a test")
        writer.put(bytes(200_000))
        turns = 0
        for _ in range(20):
            gevent.sleep(0.001)
            turns += 1
        writer.put(b"later")
        assert turns == 20
        assert writer.waiting == 200_005
        assert list(writer.close(0.1)) == [bytes(200_000), b"later"]


def test_what_is_too_much_is_not_taken_until_there_is_room() -> None:
    with pipe() as (gate, opened):

        def write(_: Sequence[bytes]) -> Sequence[bytes]:
            os.read(gate, 1)
            return ()

        writer = Writer(write, 10, len)
        writer.start("a test")
        assert writer.put(b"12345678")
        assert not writer.put(b"123")
        assert writer.put(b"12")
        os.write(opened, b"go")
        while writer.waiting:
            gevent.sleep(0.001)
        assert writer.put(b"123")
        os.write(opened, b"go")
        assert writer.close(PATIENCE) == []


def test_what_could_not_be_written_is_tried_again_before_what_came_later() -> None:
    tries: list[list[bytes]] = []

    def write(pieces: Sequence[bytes]) -> Sequence[bytes]:
        tries.append(list(pieces))
        return pieces if len(tries) < 3 else ()

    writer = Writer(write, 1000, len)
    writer.start("a test")
    writer.put(b"1")
    while not tries:
        gevent.sleep(0.001)
    writer.put(b"2")
    while len(tries) < 3:
        gevent.sleep(0.01)
    assert writer.close(PATIENCE) == []
    assert tries[0] == [b"1"]
    assert tries[2] == [b"1", b"2"]


def test_what_fails_at_the_last_attempt_is_returned() -> None:
    writer: Writer[bytes] = Writer(lambda pieces: pieces[1:], 1000, len)
    for piece in (b"1", b"2", b"3"):
        writer.put(piece)
    writer.start("a test")
    while writer.waiting == 3:
        gevent.sleep(0.001)
    assert len(writer.close(PATIENCE)) < 2
