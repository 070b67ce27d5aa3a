from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.errors import KINDS
from fthg.load.stats.outages import AT_ONCE, IN_A_ROW, LISTED, Outage, OutageList, Outages
from fthg.transfer import Result
from tests.load.results_of import MS, dropped, result

LOCAL = {"no_file", "file", "name", "descriptors", "ports", "threads", "internal"}
REFUSALS = {"permission", "no_path", "size"}


class Course:
    """One job's transfers, one after the other; `now` in seconds."""

    def __init__(self) -> None:
        self.outages = Outages()
        self.changes: list[Outage] = []
        self.now = 100.0

    def goes(self, *errors: str, every: float = 0.3, **changes: Any) -> Course:
        """Transfers that each take 10 ms end like this: `ok`, or an error's kind."""
        for error in errors:
            self.now += every
            start = round(self.now * SECOND) - 10 * MS
            usual = {"start": start, "due": start, "end": round(self.now * SECOND)}
            made = result(**{**usual, **changes})
            if error != "ok":
                made = made._replace(outcome="failed", error=error, code=changes.get("code"))
            self.record(made)
        return self

    def open_jobs(self) -> list[str]:
        return [outage.job for outage in self.outages.found().listed if outage.end is None]

    def record(self, made: Result) -> None:
        found = self.outages.record(made)
        if found:
            self.changes.append(found)


def test_failures_in_a_row_are_an_outage_until_the_next_success() -> None:
    course = Course().goes("ok", *["refused"] * 6, "timeout", "ok")
    (outage,) = course.outages.found().listed
    assert outage.kinds == {"refused": 6, "timeout": 1}
    assert outage.failed == 7
    assert outage.start == pytest.approx(100.59 * SECOND, abs=MS)  # when the first was started
    assert outage.end == pytest.approx(102.7 * SECOND, abs=MS)
    assert outage.length == pytest.approx(2.11 * SECOND, abs=2 * MS)


def test_it_is_reported_when_it_begins_and_when_it_ends_and_never_else() -> None:
    course = Course().goes("ok", *["refused"] * IN_A_ROW)
    assert [(outage.end, outage.failed) for outage in course.changes] == [(None, IN_A_ROW)]
    assert course.open_jobs() == ["orders"]
    course.goes(*["refused"] * 100, "ok", "ok")
    assert len(course.changes) == 2
    assert course.changes[1].failed == IN_A_ROW + 100
    assert course.open_jobs() == []


def test_a_few_failures_are_none_however_long_they_take() -> None:
    course = Course().goes(*["refused"] * (IN_A_ROW - 1), every=100)
    assert course.outages.found() == OutageList()


def test_failures_at_once_are_none_unless_there_are_many() -> None:
    course = Course().goes(*["reset"] * (AT_ONCE - 1), every=0.0001)
    assert course.outages.found() == OutageList()
    course.goes("reset", every=0.0001)
    assert [outage.failed for outage in course.outages.found().listed] == [AT_ONCE]


def test_failures_between_which_something_succeeds_are_none() -> None:
    course = Course().goes(*["refused", "refused", "refused", "refused", "ok"] * 50)
    assert course.outages.found() == OutageList()


def test_it_names_the_failure_that_made_it_one() -> None:
    course = Course().goes("ok", *["refused"] * 4, "timeout", "reset", detail="the reason")
    assert [(outage.kind, outage.detail) for outage in course.changes] == [
        ("timeout", "the reason")
    ]


def test_it_begins_no_earlier_than_the_last_success_though_the_first_was_started_long_before() -> (
    None
):
    course = Course().goes("ok", "ok")
    long_ago = SECOND
    course.goes(*["reset"] * IN_A_ROW, start=long_ago)
    (outage,) = course.outages.found().listed
    assert outage.start == pytest.approx(100.6 * SECOND, abs=MS)


def test_a_frozen_server_was_out_since_what_it_left_unanswered_was_started() -> None:
    course = Course().goes("ok")
    for number in range(10):  # one every 0.3 s, each of which waits for 30 s
        start = round((100.4 + 0.3 * number) * SECOND)
        fate = {"outcome": "failed", "error": "timeout", "end": start + 30 * SECOND}
        course.record(result(start=start, due=start, **fate))
    course.now = 135
    course.goes("ok")
    (outage,) = course.outages.found().listed
    assert outage.start == pytest.approx(100.4 * SECOND, abs=MS)
    assert outage.length == pytest.approx(34.9 * SECOND, abs=2 * MS)


def test_a_failure_of_this_host_says_nothing_of_its_beginning() -> None:
    course = Course().goes("ok", "file")
    course.goes(*["reset"] * IN_A_ROW, start=round(100.5 * SECOND))
    (outage,) = course.outages.found().listed
    assert outage.start == pytest.approx(100.5 * SECOND, abs=MS)


def test_one_that_is_under_way_at_the_end_has_no_end() -> None:
    course = Course().goes("ok", *["dns"] * 9)
    (outage,) = course.outages.found().listed
    assert outage.end is None
    assert outage.last == pytest.approx(103 * SECOND, abs=MS)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - LOCAL - REFUSALS - {"status"}))
def test_whatever_keeps_out_every_file_is_an_outage(kind: str) -> None:
    course = Course().goes(*[kind] * IN_A_ROW)
    assert [outage.kinds for outage in course.outages.found().listed] == [{kind: IN_A_ROW}]


@pytest.mark.parametrize("kind", sorted(LOCAL))
def test_local_faults_neither_begin_nor_end_one(kind: str) -> None:
    course = Course().goes(*[kind] * 20)
    assert course.outages.found() == OutageList()
    course.goes(*["refused"] * IN_A_ROW, *[kind] * 20, "refused")
    assert [outage.failed for outage in course.outages.found().listed] == [IN_A_ROW + 1]
    assert course.open_jobs() == ["orders"]


@pytest.mark.parametrize("kind", sorted(REFUSALS))
def test_a_server_that_refuses_this_file_is_there(kind: str) -> None:
    course = Course().goes(*[kind] * 20)
    assert course.outages.found() == OutageList()
    course.goes(*["refused"] * IN_A_ROW, kind)
    assert [outage.end is None for outage in course.changes] == [True, False]


@pytest.mark.parametrize("code", [301, 400, 403, 404, 429, 499])
def test_a_status_below_500_is_an_answer(code: int) -> None:
    assert Course().goes(*["status"] * 20, code=code).outages.found() == OutageList()


@pytest.mark.parametrize("code", [500, 502, 503, 507])
def test_a_status_of_a_server_error_is_none(code: int) -> None:
    assert len(Course().goes(*["status"] * 20, code=code).outages.found().listed) == 1


def test_what_was_dropped_or_cancelled_neither_begins_nor_ends_one() -> None:
    course = Course()
    for _ in range(30):
        course.record(dropped())
        course.record(result(outcome="cancelled"))
    assert course.outages.found() == OutageList()
    course.goes(*["refused"] * IN_A_ROW)
    course.record(dropped())
    course.record(result(outcome="cancelled"))
    assert course.open_jobs() == ["orders"]


def test_one_job_knows_nothing_of_another() -> None:
    course = Course()
    for _ in range(IN_A_ROW):
        course.goes("refused", job="orders").goes("ok", job="partner")
    assert [outage.job for outage in course.outages.found().listed] == ["orders"]


def test_the_longest_are_listed_and_the_others_counted() -> None:
    course = Course()
    for number in range(LISTED + 50):
        course.goes(*["refused"] * (IN_A_ROW + number), "ok")
    course.goes(*["refused"] * IN_A_ROW)
    seen = course.outages.found()
    assert (len(seen.listed), seen.unlisted) == (LISTED, 51)
    assert min(outage.failed for outage in seen.listed) == IN_A_ROW + 50
    assert sorted(seen.listed, key=lambda outage: outage.start) == list(seen.listed)


@given(
    st.lists(st.sampled_from(["ok", "refused", "file", "status", "timeout"]), max_size=200),
    st.floats(0.001, 3),
)
def test_every_outage_has_enough_failures_and_no_success_within(
    errors: list[str], every: float
) -> None:
    course = Course().goes(*errors, every=every, code=503)
    runs = "".join({"ok": "+", "file": ""}.get(error, "-") for error in errors).split("+")
    seen = course.outages.found()
    longest = sorted(map(len, runs), reverse=True)
    assert all(one.failed >= IN_A_ROW for one in seen.listed)
    assert (
        sorted((one.failed for one in seen.listed), reverse=True) == (longest[: len(seen.listed)])
    )
    assert sum(length >= AT_ONCE for length in longest) <= len(seen.listed) + seen.unlisted
