from __future__ import annotations

import logging

from fthg.clock import SECOND
from fthg.log import formats
from fthg.log.entry import Told, told
from fthg.log.events import Record
from fthg.log.repeats import Fold

MINUTE = 60 * SECOND


def failure(**fields: object) -> Told:
    given = {"job": "orders", "kind": "refused", "detail": "nobody listens", **fields}
    return told(Record("fthg.load.job", logging.WARNING, "transfer failed", given, None), str)


def test_the_first_is_told_and_the_rest_once_a_minute() -> None:
    fold = Fold()
    first = failure(uuid="u0")
    assert list(fold.admit(first, 0)) == [first]
    for number in range(127):
        assert not list(fold.admit(failure(uuid=f"u{number}"), number * SECOND // 3))
    assert not list(fold.due(MINUTE - 1))
    (folded,) = fold.due(MINUTE)
    assert (folded.more, folded.seconds) == (127, 60)
    assert formats.untimed(folded) == (
        'WARN  transfer failed  job=orders kind=refused detail="nobody listens"  … 127 more in 60 s'
    )
    assert folded.created == first.created + 60


def test_a_failure_that_goes_on_is_told_once_a_minute_for_ever() -> None:
    fold, told_lines = Fold(), 0
    for second in range(3600):
        now = second * SECOND
        told_lines += len(list(fold.admit(failure(seq=second), now)))
        told_lines += len(list(fold.due(now)))
    assert 60 <= told_lines <= 61


def test_after_a_quiet_minute_the_next_one_is_told_in_full() -> None:
    fold = Fold()
    assert list(fold.admit(failure(), 0))
    assert not list(fold.due(MINUTE))
    assert list(fold.admit(failure(), MINUTE + 1))


def test_what_differs_in_job_kind_or_detail_is_not_equal() -> None:
    fold = Fold()
    for other in ({}, {"job": "b"}, {"kind": "dns"}, {"detail": "x"}):
        assert list(fold.admit(failure(**other), 0))


def test_a_detail_that_names_its_own_file_or_uuid_is_equal_to_its_neighbours() -> None:
    fold = Fold()
    assert list(fold.admit(failure(file="a", uuid="1-2", detail="no room for /in/a.1-2"), 0))
    assert not list(fold.admit(failure(file="b", uuid="3-4", detail="no room for /in/b.3-4"), 0))


def test_what_is_pending_is_told_at_the_end() -> None:
    fold = Fold()
    for _ in range(4):
        list(fold.admit(failure(), 0))
    (folded,) = fold.rest(9 * SECOND)
    assert (folded.more, folded.seconds) == (3, 9)
    assert not list(fold.rest(10 * SECOND))


def test_memory_is_bounded_and_nothing_is_lost_by_that() -> None:
    fold = Fold(most=10)
    list(fold.admit(failure(detail="0"), 0))
    list(fold.admit(failure(detail="0"), 0))
    shown = [line for n in range(1, 100) for line in fold.admit(failure(detail=str(n)), SECOND)]
    assert sum(line.more for line in shown) == 1
    assert len(shown) == 100
