from __future__ import annotations

import logging

from fthg.clock import SECOND
from fthg.log import formats
from fthg.log.entry import LogEntry, make_entry
from fthg.log.events import Record
from fthg.log.repeats import RepeatFilter

MINUTE = 60 * SECOND


def failure(**fields: object) -> LogEntry:
    given = {"job": "orders", "kind": "refused", "detail": "nobody listens", **fields}
    return make_entry(Record("fthg.load.job", logging.WARNING, "transfer failed", given, None), str)


def test_the_first_is_logged_and_the_others_are_counted_once_a_minute() -> None:
    repeats = RepeatFilter()
    first = failure(uuid="u0")
    assert list(repeats.admit(first, 0)) == [first]
    for number in range(127):
        assert not list(repeats.admit(failure(uuid=f"u{number}"), number * SECOND // 3))
    assert not list(repeats.due(MINUTE - 1))
    (count,) = repeats.due(MINUTE)
    assert (count.more, count.seconds) == (127, 60)
    assert formats.untimed(count) == (
        'WARN  transfer failed  job=orders kind=refused detail="nobody listens"  … 127 more in 60 s'
    )
    assert count.utc == first.utc + MINUTE


def test_a_failure_that_goes_on_is_logged_once_a_minute() -> None:
    repeats, logged = RepeatFilter(), 0
    for second in range(3600):
        now = second * SECOND
        logged += len(list(repeats.admit(failure(seq=second), now)))
        logged += len(list(repeats.due(now)))
    assert 60 <= logged <= 61


def test_after_a_minute_without_repeats_the_next_one_is_logged_in_full() -> None:
    repeats = RepeatFilter()
    assert list(repeats.admit(failure(), 0))
    assert not list(repeats.due(MINUTE))
    assert list(repeats.admit(failure(), MINUTE + 1))


def test_warnings_that_differ_in_job_kind_or_detail_are_not_equal() -> None:
    repeats = RepeatFilter()
    for other in ({}, {"job": "b"}, {"kind": "dns"}, {"detail": "x"}):
        assert list(repeats.admit(failure(**other), 0))


def test_of_two_standstills_neither_is_a_repetition_of_the_other() -> None:
    repeats = RepeatFilter()
    for start in ("2026-11-26T13:21:42.316Z", "2026-11-26T13:21:46.912Z"):
        given = {"start": start, "seconds": 1.5, "dropped": 0, "cause": "unknown"}
        record = Record("fthg.load.standstills", logging.WARNING, "stood still", given, None)
        assert len(list(repeats.admit(make_entry(record, str), SECOND))) == 1


def test_a_detail_that_names_its_own_file_or_uuid_is_equal_to_its_neighbours() -> None:
    repeats = RepeatFilter()
    assert list(repeats.admit(failure(file="a", uuid="1-2", detail="no room for /in/a.1-2"), 0))
    assert not list(repeats.admit(failure(file="b", uuid="3-4", detail="no room for /in/b.3-4"), 0))


def test_pending_counts_are_logged_at_the_end() -> None:
    repeats = RepeatFilter()
    for _ in range(4):
        list(repeats.admit(failure(), 0))
    (count,) = repeats.rest(9 * SECOND)
    assert (count.more, count.seconds) == (3, 9)
    assert not list(repeats.rest(10 * SECOND))


def test_memory_is_bounded_and_no_count_is_lost_by_that() -> None:
    repeats = RepeatFilter(most=10)
    list(repeats.admit(failure(detail="0"), 0))
    list(repeats.admit(failure(detail="0"), 0))
    shown = [line for n in range(1, 100) for line in repeats.admit(failure(detail=str(n)), SECOND)]
    assert sum(line.more for line in shown) == 1
    assert len(shown) == 100


def test_the_count_of_a_job_comes_before_the_line_that_ends_its_outage() -> None:
    repeats = RepeatFilter()
    for job in ("orders", "orders", "orders", "others", "others"):
        list(repeats.admit(failure(job=job), 0))
    ended = failure()._replace(event="outage ended")
    count, last = repeats.admit(ended, SECOND)
    assert (count.fields["job"], count.more) == ("orders", 2)
    assert last is ended
    assert [one.fields["job"] for one in repeats.rest(SECOND)] == ["others"]
