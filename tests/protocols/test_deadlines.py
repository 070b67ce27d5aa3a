from __future__ import annotations

import gevent
import pytest

from fthg.clock import Clock
from fthg.protocols.deadlines import Deadlines, TimeUpError


def stay(deadlines: Deadlines, seconds: float) -> str:
    try:
        with deadlines:
            gevent.sleep(seconds)
    except TimeUpError:
        return "struck"
    return "left"


def test_whoever_stays_too_long_is_struck_and_nobody_else() -> None:
    deadlines = Deadlines(0.2, Clock())
    stays = [gevent.spawn(stay, deadlines, seconds) for seconds in (5, 0.01, 5, 0.05)]
    assert [greenlet.get(timeout=3) for greenlet in stays] == ["struck", "left", "struck", "left"]


def test_those_that_come_later_have_their_own_time() -> None:
    deadlines = Deadlines(0.2, Clock())
    first = gevent.spawn(stay, deadlines, 5)
    gevent.sleep(0.1)
    second = gevent.spawn(stay, deadlines, 5)
    assert first.get(timeout=3) == "struck"
    assert not second.ready()
    assert second.get(timeout=3) == "struck"


def test_it_strikes_again_after_nobody_was_in_it() -> None:
    deadlines = Deadlines(0.05, Clock())
    assert stay(deadlines, 0) == "left"
    gevent.sleep(0.15)
    assert gevent.spawn(stay, deadlines, 5).get(timeout=3) == "struck"


def test_one_that_goes_in_again_when_it_is_struck_is_struck_again() -> None:
    deadlines = Deadlines(0.05, Clock())

    def twice() -> list[str]:
        return [stay(deadlines, 5), stay(deadlines, 5)]

    assert gevent.spawn(twice).get(timeout=3) == ["struck", "struck"]


def test_a_block_that_is_left_by_an_error_is_left() -> None:
    deadlines = Deadlines(0.05, Clock())
    with pytest.raises(ValueError, match="own"), deadlines:
        raise ValueError("own")
    gevent.sleep(0.15)  # would be struck here


def test_a_greenlet_that_is_killed_within_is_forgotten() -> None:
    deadlines = Deadlines(60, Clock())
    waiting = gevent.spawn(stay, deadlines, 5)
    gevent.sleep(0)
    waiting.kill()
    assert not deadlines._ends
