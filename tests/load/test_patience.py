from __future__ import annotations

from fthg.clock import SECOND
from fthg.load.patience import AFTER_CUT, AFTER_GRACE, SILENCE, Patience

GRACE = 30
ALL = [0, 1, 2]


def patience() -> Patience:
    return Patience(3, GRACE, 0)


def test_in_mid_run_a_silent_worker_is_named_once_and_not_killed() -> None:
    waiting = patience()
    waiting.hear(0, SILENCE)
    waiting.hear(2, SILENCE)
    assert waiting.newly_silent(SILENCE - 1, 0) == []
    assert waiting.newly_silent(SILENCE, 0) == [1]
    assert waiting.newly_silent(SILENCE + 1, 0) == []
    assert waiting.overdue(SILENCE + 1, 0) == []


def test_a_worker_that_goes_on_may_be_silent_again() -> None:
    waiting = patience()
    assert not waiting.hear(0, SECOND)
    assert waiting.newly_silent(2 * SILENCE, 0) == ALL
    assert waiting.hear(1, 2 * SILENCE)
    assert waiting.newly_silent(3 * SILENCE, 0) == [1]


def test_after_a_stop_they_have_the_grace_and_a_bounded_time() -> None:
    waiting = patience()
    waiting.stop(5 * SECOND)
    waiting.leave(1)
    end = (5 + GRACE) * SECOND + AFTER_GRACE
    assert waiting.overdue(end - 1, 0) == []
    assert waiting.overdue(end, 0) == [0, 2]


def test_a_cut_shortens_the_time_and_a_later_stop_does_not_lengthen_it() -> None:
    waiting = patience()
    waiting.stop(0)
    waiting.cut(SECOND)
    waiting.stop(SECOND)
    assert waiting.overdue(SECOND + AFTER_CUT - 1, 0) == []
    assert waiting.overdue(SECOND + AFTER_CUT, 0) == ALL


def test_at_the_planned_end_silent_ones_are_killed_once_no_other_is_left() -> None:
    waiting = patience()
    waiting.hear(0, SILENCE)
    waiting.newly_silent(SILENCE, 0)
    waiting.leave(2)
    assert waiting.overdue(SILENCE, 0) == []  # worker 0 is at work
    waiting.leave(0)
    assert waiting.overdue(SILENCE, 0) == [1]


def test_if_all_are_silent_the_run_is_not_over() -> None:
    waiting = patience()
    assert waiting.newly_silent(SILENCE, 0) == ALL
    assert waiting.overdue(10 * SILENCE, 0) == []


def test_a_pause_of_the_parent_is_no_silence_of_the_workers() -> None:
    waiting = patience()
    waiting.stop(0)
    after = 10 * SILENCE
    awake = after + SECOND
    assert waiting.newly_silent(after, awake) == waiting.overdue(after, awake) == []
    for worker in ALL:
        waiting.hear(worker, after)
    assert waiting.newly_silent(awake, awake) == waiting.overdue(awake, awake) == []
    assert waiting.overdue(after + AFTER_CUT, awake) == ALL
