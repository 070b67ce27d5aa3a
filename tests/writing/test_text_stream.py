from __future__ import annotations

import os
import signal
import termios
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager

import gevent
import pytest
from gevent import monkey

from fthg.writing.terminal import Terminal
from fthg.writing.text_stream import STALLED, TextStream
from tests.screen import read_all
from tests.waiting import until

_start_thread = monkey.get_original("_thread", "start_new_thread")
_sleep = monkey.get_original("time", "sleep")
_close = monkey.get_original("os", "close")  # gevent's leaves it to the loop


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    fds = os.pipe()
    try:
        yield fds
    finally:
        for fd in fds:
            os.close(fd)


@contextmanager
def pty() -> Iterator[tuple[int, int]]:
    fds = os.openpty()
    tty.setraw(fds[1])
    try:
        yield fds
    finally:
        for fd in fds:
            os.close(fd)


def started(fd: int, patient: bool = False) -> TextStream:
    stream = TextStream(fd, patient=patient)
    stream.start()
    return stream


def written(stream: TextStream) -> None:
    while stream.pending:
        gevent.sleep(0.001)


def test_text_is_written_in_its_order_and_what_cannot_be_encoded_is_escaped() -> None:
    with pipe() as (read, write):
        stream = TextStream(write, "ascii")
        stream.write("before the start\n")
        stream.start()
        stream.write_line("ü\udc80\n")
        stream.close()
        assert os.read(read, 100) == b"before the start\n\\xfc\\udc80\n"


def test_a_paused_terminal_delays_nobody_and_then_shows_one_fresh_view() -> None:
    with pty() as (master, slave):
        stream = started(slave)
        termios.tcflow(slave, termios.TCOOFF)
        began = time.monotonic()
        for number in range(1000):
            stream.set_view([f"view {number}", "of two lines"])
            stream.write_line(f"line {number}\n")
        assert time.monotonic() - began < 1
        gevent.sleep(0.1)
        assert stream.pending
        termios.tcflow(slave, termios.TCOON)
        shown = read_all(master, stream)
        assert shown.count(b"line ") == 1000
        assert shown.count(b"view ") <= 2
        assert shown.endswith(b"view 999\nof two lines")
        stream.close()


def test_a_view_replaces_the_one_before_and_lines_come_above_it() -> None:
    with pty() as (master, slave):
        stream = started(slave)
        stream.set_view(["1", "2"])
        written(stream)
        stream.write_line("line\n")
        written(stream)
        stream.set_view(["3"])
        written(stream)
        stream.set_view(())
        written(stream)
        assert os.read(master, 1000) == (
            b"\x1b[?25l1\n2"  # no cursor
            b"\r\x1b[1A\x1b[Jline\n1\n2"
            b"\r\x1b[1A\x1b[J3"
            b"\r\x1b[J\x1b[?25h"
        )
        stream.close()


def test_of_lines_that_nobody_reads_a_mebibyte_waits_and_a_summary_still_has_room() -> None:
    with pipe() as (read, write):
        stream = started(write, patient=True)
        for _ in range(2000):
            stream.write_line("x" * 1023 + "\n")
        stream.write("the summary\n")
        assert 900 < stream.lost < 1100
        assert stream.losing
        shown = bytearray()

        def read_slowly() -> None:
            _sleep(STALLED + 0.5)
            while not shown.endswith(b"summary\n"):
                shown.extend(os.read(read, 65536))

        _start_thread(read_slowly, ())
        stream.close()  # all is in the pipe
        until(lambda: shown.endswith(b"summary\n"))
        assert shown.count(b"\n") == 2000 - stream.lost + 1


def test_a_reader_that_does_not_read_is_waited_for_for_two_seconds_and_once() -> None:
    with pipe() as (_, write):
        stream = started(write)
        stream.write("x" * 100_000)
        began = time.monotonic()
        stream.drain()
        assert STALLED - 0.1 < time.monotonic() - began < STALLED + 1
        stream.close()
        assert time.monotonic() - began < STALLED + 1


def test_a_reader_that_is_slow_is_waited_for() -> None:
    with pipe() as (read, write):
        stream = started(write)
        stream.write("x" * 100_000)
        read_so_far = []

        def read_slowly() -> None:
            for _ in range(5):
                _sleep(STALLED / 3)
                read_so_far.append(len(os.read(read, 8192)))
            while sum(read_so_far) < 100_000:
                read_so_far.append(len(os.read(read, 8192)))

        _start_thread(read_slowly, ())
        stream.close()
        assert not stream.lost
        until(lambda: sum(read_so_far) == 100_000)


def test_a_signal_ends_the_wait_for_a_reader_who_may_take_any_time() -> None:
    with pipe() as (_, write):
        stream = started(write, patient=True)
        stream.write("x" * 100_000)
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            _start_thread(_signal_soon, ())
            began = time.monotonic()
            stream.drain(patient=True)
            stream.close()
            assert 0.4 < time.monotonic() - began < 1.5
        finally:
            signal.signal(signal.SIGTERM, before)


def _signal_soon() -> None:
    _sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def test_it_can_be_closed_by_another_thread() -> None:
    with pipe() as (_, write):
        stream = started(write)
        stream.write("x" * 100_000)
        _start_thread(stream.close, ())
        while not stream.gone:
            gevent.sleep(0.01)
        assert stream.gone == "closed"


@pytest.mark.parametrize("hung_up", [True, False])
def test_a_reader_who_is_gone_is_noticed_and_never_waited_for(hung_up: bool) -> None:
    reader, writer = os.openpty() if hung_up else os.pipe()
    stream = started(writer, patient=True)
    _close(reader)
    stream.write("to nobody\n")
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 1
    assert stream.gone == ("Input/output error" if hung_up else "Broken pipe")
    os.close(writer)


def test_a_full_disk_loses_lines_and_is_no_end() -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    stream = started(fd)
    stream.write("1\n2\n")
    written(stream)
    assert (stream.lost, stream.losing, stream.gone) == (2, True, "")
    with pipe() as (read, write):
        os.dup2(write, fd)  # there is space again
        stream.write("3\n")
        written(stream)
        assert (stream.lost, stream.losing) == (2, False)
        assert os.read(read, 10) == b"3\n"
    stream.close()
    os.close(fd)


def test_a_descriptor_that_another_process_made_non_blocking_is_written_to_all_the_same() -> None:
    with pipe() as (read, write):
        os.set_blocking(write, False)
        stream = started(write)
        stream.write("x" * 200_000)
        assert len(read_all(read, stream)) == 200_000
        assert not stream.lost
        stream.close()


def test_a_forked_process_has_a_thread_of_its_own() -> None:
    with pipe() as (read, write):
        stream = TextStream(write)
        pid = os.fork()
        if pid == 0:
            stream.start()
            stream.write("child\n")
            stream.close()
            os._exit(0)
        os.waitpid(pid, 0)
        stream.start()
        stream.write("parent\n")
        stream.close()
        assert os.read(read, 100) == b"child\nparent\n"


def test_a_view_is_cut_to_the_height_and_width_of_the_terminal() -> None:
    with pty() as (master, slave):
        stream = started(slave)
        terminal = Terminal(stream)
        terminal.size = (20, 5)
        terminal.show_view("\n".join("0123456789" * 1 for _ in range(30)))
        written(stream)
        assert os.read(master, 1000).count(b"\n") == 3
        stream.close()


def test_threads_end_with_their_streams() -> None:
    before = threading.active_count()
    with pipe() as (_, write):
        started(write).close()
    assert threading.active_count() == before
