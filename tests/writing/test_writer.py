from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import gevent
from gevent import monkey

from fthg.writing.writer import Writer

start_new_thread = monkey.get_original("_thread", "start_new_thread")
allocate_lock = monkey.get_original("_thread", "allocate_lock")

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


def test_whatever_a_write_raises_its_pieces_are_tried_again() -> None:
    errors: list[Exception] = [MemoryError(), OSError(24, "Too many open files"), ValueError()]
    written: list[bytes] = []

    def write(pieces: Sequence[bytes]) -> Sequence[bytes]:
        if errors:
            raise errors.pop()
        written.extend(pieces)
        return ()

    writer = Writer(write, 1000, len)
    writer.start("a test")
    writer.put(b"1")
    while errors:
        gevent.sleep(0.01)
    writer.put(b"2")
    assert writer.close(PATIENCE) == []
    assert written == [b"1", b"2"]


def test_what_always_fails_is_returned_and_ends_the_thread() -> None:
    ended: list[bool] = []

    def write(_: Sequence[bytes]) -> Sequence[bytes]:
        raise MemoryError

    writer = Writer(write, 1000, len, finish=lambda: ended.append(True))
    writer.start("a test")
    writer.put(b"1")
    assert writer.close(PATIENCE) == [b"1"]
    assert ended == [True]


def test_what_comes_meanwhile_does_not_make_it_try_more_often() -> None:
    tries: list[int] = []

    def write(pieces: Sequence[bytes]) -> Sequence[bytes]:
        tries.append(len(pieces))
        return pieces

    writer = Writer(write, 1 << 20, len)
    writer.start("a test")
    for _ in range(100):
        writer.put(b"x")
        gevent.sleep(0.005)
    assert len(writer.close(PATIENCE)) == 100
    assert len(tries) < 20


def test_with_a_pause_pieces_are_written_many_at_once_but_the_end_does_not_wait() -> None:
    writes: list[int] = []

    def write(pieces: Sequence[bytes]) -> Sequence[bytes]:
        writes.append(len(pieces))
        return ()

    writer = Writer(write, 1000, len, pause=PATIENCE)
    writer.start("a test")
    writer.put(b"first")
    while not writes:
        gevent.sleep(0.001)
    for _ in range(50):
        writer.put(b"x")
        gevent.sleep(0.001)
    assert writer.close(PATIENCE / 2) == []
    assert writes == [1, 50]


def test_a_write_that_hung_ends_with_its_thread_and_nothing_is_written_after_it() -> None:
    with pipe() as (gate, opened):
        writes: list[list[bytes]] = []
        ended: list[bool] = []

        def write(pieces: Sequence[bytes]) -> Sequence[bytes]:
            writes.append(list(pieces))
            os.read(gate, 1)
            return pieces

        writer = Writer(write, 1000, len, finish=lambda: ended.append(True))
        writer.start("a test")
        writer.put(b"1")
        while not writes:
            gevent.sleep(0.001)
        writer.put(b"2")
        assert writer.close(0.05) == [b"1", b"2"]
        assert not ended
        os.write(opened, b"x")
        with gevent.Timeout(PATIENCE):
            while not ended:
                gevent.sleep(0.01)
        assert writes == [[b"1"]]


def test_it_is_closed_by_another_thread_while_the_hub_has_no_turn() -> None:
    written: list[bytes] = []

    def write(pieces: Sequence[bytes]) -> Sequence[bytes]:
        written.extend(pieces)
        return ()

    writer = Writer(write, 1000, len)
    writer.start("a test")
    writer.put(b"1")
    closed = allocate_lock()
    closed.acquire()
    left: list[bytes] = []

    def close() -> None:
        left.extend(writer.close(PATIENCE))
        closed.release()

    start_new_thread(close, ())
    assert closed.acquire(timeout=PATIENCE)  # of the operating system: it stops the hub
    assert (written, left) == ([b"1"], [])


NO_THREADS = """
import os, resource
from fthg.errors import StartError
from fthg.writing.writer import Writer
if os.getuid() == 0:  # whom this limit does not concern
    os.setgid(54321)
    os.setuid(54321)
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
try:
    Writer(lambda pieces: (), 1, len).start("the results file r.jsonl")
except StartError as error:
    print(error, error.status)
"""


def test_where_no_thread_can_be_started_it_says_for_what_and_what_to_do() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_THREADS], check=True, capture_output=True, text=True
    )
    assert "no thread can be started for the results file r.jsonl: can't start" in done.stdout
    assert "ulimit -u" in done.stdout
    assert done.stdout.endswith(" 3\n")
