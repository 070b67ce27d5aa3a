from __future__ import annotations

from fthg.clock import SECOND
from fthg.load.liveness import AFTER_CUT, AFTER_GRACE, SILENCE, Liveness

GRACE = 30
ALL = [0, 1, 2]


def liveness() -> Liveness:
    return Liveness(3, GRACE, 0)


def test_in_mid_run_a_silent_worker_is_named_once_and_not_killed() -> None:
    workers = liveness()
    workers.report(0, SILENCE)
    workers.report(2, SILENCE)
    assert workers.newly_silent(SILENCE - 1, 0) == []
    assert workers.newly_silent(SILENCE, 0) == [1]
    assert workers.newly_silent(SILENCE + 1, 0) == []
    assert workers.overdue(SILENCE + 1, 0) == []


def test_a_worker_that_goes_on_may_be_silent_again() -> None:
    workers = liveness()
    assert not workers.report(0, SECOND)
    assert workers.newly_silent(2 * SILENCE, 0) == ALL
    assert workers.report(1, 2 * SILENCE)
    assert workers.newly_silent(3 * SILENCE, 0) == [1]


def test_after_a_stop_they_have_the_grace_and_a_bounded_time() -> None:
    workers = liveness()
    workers.stop(5 * SECOND)
    workers.leave(1)
    end = (5 + GRACE) * SECOND + AFTER_GRACE
    assert workers.overdue(end - 1, 0) == []
    assert workers.overdue(end, 0) == [0, 2]


def test_a_cut_shortens_the_time_and_a_later_stop_does_not_lengthen_it() -> None:
    workers = liveness()
    workers.stop(0)
    workers.cut(SECOND)
    workers.stop(SECOND)
    assert workers.overdue(SECOND + AFTER_CUT - 1, 0) == []
    assert workers.overdue(SECOND + AFTER_CUT, 0) == ALL


def test_at_the_planned_end_silent_ones_are_killed_once_no_other_is_left() -> None:
    workers = liveness()
    workers.report(0, SILENCE)
    workers.newly_silent(SILENCE, 0)
    workers.leave(2)
    assert workers.overdue(SILENCE, 0) == []  # worker 0 is at work
    workers.leave(0)
    assert workers.overdue(SILENCE, 0) == [1]


def test_if_all_are_silent_the_run_is_not_over() -> None:
    workers = liveness()
    assert workers.newly_silent(SILENCE, 0) == ALL
    assert workers.overdue(10 * SILENCE, 0) == []


def test_a_pause_of_the_parent_is_no_silence_of_the_workers() -> None:
    workers = liveness()
    workers.stop(0)
    after = 10 * SILENCE
    awake = after + SECOND
    assert workers.newly_silent(after, awake) == workers.overdue(after, awake) == []
    for worker in ALL:
        workers.report(worker, after)
    assert workers.newly_silent(awake, awake) == workers.overdue(awake, awake) == []
    assert workers.overdue(after + AFTER_CUT, awake) == ALL
