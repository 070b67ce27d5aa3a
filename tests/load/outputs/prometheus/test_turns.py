from __future__ import annotations

from collections.abc import Iterator

import gevent

from fthg.clock import SECOND
from fthg.load.outputs.prometheus.turns import in_turns
from tests.fakes import FakeClock


def test_others_have_a_turn_after_each_piece_that_took_long() -> None:
    clock, seen = FakeClock(), list[str]()

    def other() -> None:
        while True:
            seen.append("other")
            gevent.sleep(0)

    def pieces() -> Iterator[int]:
        for number in range(3):
            clock.pass_by(SECOND // 100)
            seen.append(str(number))
            yield number

    beside = gevent.spawn(other)
    assert list(in_turns(pieces(), clock)) == [0, 1, 2]
    beside.kill()
    between = "".join(seen).replace("other", ".")
    assert between.strip(".").split(".")[0] == "0"
    assert "01" not in between
    assert "12" not in between


def test_quick_pieces_are_made_at_once() -> None:
    assert list(in_turns(range(1000), FakeClock())) == list(range(1000))
