from __future__ import annotations

import socket

import gevent
from hypothesis import example, given
from hypothesis import strategies as st

from fthg.clock import Clock
from fthg.processes.error_lines import LONGEST, Lines, relay_lines


@given(st.lists(st.binary(max_size=9)))
@example([b"a\nb", b"c", b"\n\n", "é".encode()[:1], "é".encode()[1:]])
def test_lines_are_the_same_wherever_the_bytes_are_cut(parts: list[bytes]) -> None:
    lines = Lines()
    found = [line for part in parts for line in lines.feed(part)] + list(lines.rest())
    *ended, last = b"".join(parts).split(b"\n")
    whole = [*ended, last] if last else ended
    assert found == [line.decode("utf-8", "replace") for line in whole]


def test_a_line_without_an_end_takes_bounded_memory_and_is_cut() -> None:
    lines = Lines()
    for _ in range(1000):
        assert lines.feed(b"x" * 100_000) == []
    assert lines.feed(b"\nnext\n") == ["x" * LONGEST + "…", "next"]


def test_a_flood_of_lines_leaves_others_their_turns_and_a_broken_printer_ends_nothing() -> None:
    ours, theirs = socket.socketpair()
    clock, printed, turns = Clock(), [0], [0]

    def print_line(_: str) -> None:
        printed[0] += 1
        if printed[0] % 2:
            raise ValueError("nobody can print this")

    def take_turns() -> None:
        while True:
            clock.sleep_until(clock.now() + 1_000_000)
            turns[0] += 1

    others = gevent.spawn(take_turns)
    reading = gevent.spawn(relay_lines, ours, print_line)
    theirs.sendall(b"\n" * 1_000_000)
    theirs.close()
    reading.get(timeout=60)
    others.kill()
    ours.close()
    assert printed == [1_000_000]
    assert turns[0] > 100
