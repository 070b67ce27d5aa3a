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
        return "ended"
    return "left"


def test_only_greenlets_that_stay_too_long_are_ended() -> None:
    deadlines = Deadlines(0.2, Clock())
    stays = [gevent.spawn(stay, deadlines, seconds) for seconds in (5, 0.01, 5, 0.05)]
    assert [greenlet.get(timeout=3) for greenlet in stays] == ["ended", "left", "ended", "left"]


def test_a_greenlet_that_comes_later_has_its_own_time() -> None:
    deadlines = Deadlines(0.2, Clock())
    first = gevent.spawn(stay, deadlines, 5)
    gevent.sleep(0.1)
    second = gevent.spawn(stay, deadlines, 5)
    assert first.get(timeout=3) == "ended"
    assert not second.ready()
    assert second.get(timeout=3) == "ended"


def test_a_deadline_works_again_after_the_block_was_empty() -> None:
    deadlines = Deadlines(0.05, Clock())
    assert stay(deadlines, 0) == "left"
    gevent.sleep(0.15)
    assert gevent.spawn(stay, deadlines, 5).get(timeout=3) == "ended"


def test_a_greenlet_that_enters_again_is_ended_again() -> None:
    deadlines = Deadlines(0.05, Clock())

    def twice() -> list[str]:
        return [stay(deadlines, 5), stay(deadlines, 5)]

    assert gevent.spawn(twice).get(timeout=3) == ["ended", "ended"]


def test_a_block_that_is_left_by_an_error_is_left() -> None:
    deadlines = Deadlines(0.05, Clock())
    with pytest.raises(ValueError, match="own"), deadlines:
        raise ValueError("own")
    gevent.sleep(0.15)  # would be ended here


def test_a_greenlet_that_is_killed_within_is_forgotten() -> None:
    deadlines = Deadlines(60, Clock())
    waiting = gevent.spawn(stay, deadlines, 5)
    gevent.sleep(0)
    waiting.kill()
    assert not deadlines._ends
