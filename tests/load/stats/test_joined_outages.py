"""Outages of several workers equal those of one process, whatever each sees and when it reports."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.stats.joined_outages import MAX_LAG, Evidence, EvidenceCollector, JoinedOutages
from fthg.load.stats.outages import AT_ONCE, IN_A_ROW, Outage, OutageList, Outages, is_answered
from fthg.transfer import Result
from tests.load.results_of import MS, dropped, result

FATES = ["ok", "refused", "refused", "refused", "reset", "file", "status", "permission", "dropped"]
WORKERS = 4


class Event(NamedTuple):
    """One result, the worker that has it, and the workers that report then."""

    gap: int  # ms after the one before
    fate: str
    worker: int
    job: str = "a"
    took: int = 10  # ms
    reporting: Sequence[int] = ()


def series(fate: str, count: int, gap: int, workers: list[int], took: int) -> list[Event]:
    """Return equal results of some workers in turn, the last of whom reports."""
    events = [Event(gap, fate, workers[n % len(workers)], took=took) for n in range(count)]
    return [*events[:-1], events[-1]._replace(reporting=workers[-1:])]


WORKER = st.integers(0, WORKERS - 1)
ONE = st.builds(
    Event,
    gap=st.sampled_from([0, 0, 1, 50]),
    fate=st.sampled_from(FATES),
    worker=WORKER,
    job=st.sampled_from("aab"),
    took=st.integers(1, 2000),
    reporting=st.lists(WORKER, max_size=2),
)
SERIES = st.builds(
    series,
    st.sampled_from(["refused", "reset", "ok"]),
    st.integers(2, AT_ONCE + 5),
    st.sampled_from([0, 1, 50]),
    st.lists(WORKER, min_size=1, max_size=3),
    st.integers(1, 2000),
)
EVENTS = st.lists(st.one_of(ONE.map(lambda one: [one]), SERIES), max_size=12).map(
    lambda parts: [event for part in parts for event in part]
)


def results(scripted: Iterable[Event]) -> list[Result]:
    made, now = [], 100 * SECOND
    for seq, event in enumerate(scripted):
        now += event.gap * MS
        start = now - event.took * MS
        one = result(job=event.job, seq=seq, due=start, start=start, end=now)
        if event.fate == "dropped":
            one = dropped(job=event.job, seq=seq, due=now)
        elif event.fate != "ok":
            detail = f"detail {seq}"
            one = one._replace(outcome="failed", error=event.fate, code=503, detail=detail)
        made.append(one)
    return made


class Found(NamedTuple):
    """The outages at the end, and those that were reported when they began and ended, by job."""

    listed: OutageList
    reported: list[tuple[str, list[Outage]]]


def found(listed: OutageList, changes: Sequence[Outage]) -> Found:
    return Found(listed, [(job, [one for one in changes if one.job == job]) for job in "ab"])


def one_process(made: Sequence[Result]) -> Found:
    """At equal ends answers come first."""
    outages = Outages()
    ordered = sorted(made, key=lambda one: (one.end or 0, not is_answered(one), one.seq))
    changes = [change for one in ordered if (change := outages.record(one))]
    return found(outages.found(), changes)


def several(scripted: Sequence[Event], dying: Iterable[int] = ()) -> tuple[Found, list[Result]]:
    """Return also the results that workers did not lose when they died."""
    joined, changes = JoinedOutages(WORKERS), list[Outage]()
    collectors = [EvidenceCollector() for _ in range(WORKERS)]
    known: list[Result] = []
    unreported: list[list[Result]] = [[] for _ in range(WORKERS)]

    def report(worker: int, now: int) -> None:
        sent: Evidence = pickle.loads(pickle.dumps(collectors[worker].take(now)[0]))
        changes.extend(joined.add(worker, sent))
        known.extend(unreported[worker])
        unreported[worker].clear()

    now = 0
    for event, one in zip(scripted, results(scripted)):
        now = max(now, one.end or 0)
        collectors[event.worker].record((one,))
        unreported[event.worker].append(one)
        for worker in event.reporting:
            report(worker, now)
    for worker in range(WORKERS):
        if worker not in dying:
            report(worker, now)
        changes.extend(joined.leave(worker))
    return found(joined.found(), changes), known


@given(EVENTS)
def test_several_workers_find_the_outages_of_one(scripted: list[Event]) -> None:
    assert several(scripted)[0] == one_process(results(scripted))


@given(EVENTS, st.sets(st.integers(0, WORKERS - 1)))
def test_of_a_worker_that_dies_its_last_report_counts(
    scripted: list[Event], dying: set[int]
) -> None:
    seen, known = several(scripted, dying)
    assert seen == one_process(known)


def test_failures_of_workers_that_see_too_few_each_are_one_outage() -> None:
    scripted = [Event(300, "refused", seq % 4) for seq in range(IN_A_ROW + 1)]
    (outage,) = several([Event(1, "ok", 0), *scripted, Event(1, "ok", 3)])[0].listed.listed
    assert outage.failed == IN_A_ROW + 1


def test_answers_of_one_worker_between_the_failures_of_another_mean_that_there_is_none() -> None:
    scripted = [Event(50, fate, worker) for fate, worker in [("refused", 0), ("ok", 1)] * 50]
    assert several(scripted)[0].listed == OutageList()


def evidence(until: int, failures: int = 0) -> Evidence:
    collector = EvidenceCollector()
    made = results([Event(1, "refused", 0)] * failures)
    collector.record(made)
    return collector.take(until * SECOND)[0]


def test_it_is_reported_once_every_worker_has_reported_on_that_time() -> None:
    joined = JoinedOutages(2)
    assert joined.add(0, evidence(101, AT_ONCE)) == []
    (began,) = joined.add(1, evidence(101))
    assert (began.end, began.failed) == (None, AT_ONCE)
    assert joined.found().listed == (began,)


def test_a_worker_that_has_left_is_not_waited_for() -> None:
    joined = JoinedOutages(2)
    joined.add(0, evidence(101, AT_ONCE))
    assert [outage.failed for outage in joined.leave(1)] == [AT_ONCE]


def test_a_worker_that_stands_still_is_waited_for_so_long_and_no_longer() -> None:
    joined = JoinedOutages(2)
    joined.add(0, evidence(101, AT_ONCE))
    joined.add(1, evidence(100))
    lag = MAX_LAG // SECOND
    assert joined.add(0, evidence(100 + lag)) == []
    assert [outage.failed for outage in joined.add(0, evidence(101 + lag))] == [AT_ONCE]
    # Awake again, it adds what it saw; nothing breaks.
    late = Evidence(102 * SECOND, {"orders": array("q", [102 * SECOND])}, ())
    joined.add(1, late)
    assert joined.leave(0) == []


def test_equal_details_are_sent_once() -> None:
    collector = EvidenceCollector()
    made = [one._replace(detail="x" * 900) for one in results([Event(1, "refused", 0)] * 100)]
    collector.record(pickle.loads(pickle.dumps(made)))
    assert len(pickle.dumps(collector.take(0)[0])) < 10_000


def test_evidence_that_nobody_takes_stays_small_and_shows_answers_at_all_times() -> None:
    collector = EvidenceCollector(most_answers=64, most_failures=20)
    many = [Event(1, "ok", 0)] * 10_000
    made = results([*many, Event(5000, "ok", 0), *many, *[Event(1, "refused", 0)] * 50])
    for one in made:
        collector.record((one,))
    evidence, lost = collector.take(0)
    ends = evidence.answers["a"]
    assert len(ends) <= 64
    assert list(ends) == sorted(set(ends) & {one.end for one in made})
    assert (ends[-1], lost, len(evidence.failures)) == (made[20_000].end, 30, 20)
    gaps = sorted(later - one for one, later in zip(ends, ends[1:]))
    assert (gaps[-2] < 2 * SECOND, gaps[-1]) == (True, 5 * SECOND)
    assert collector.take(0) == (Evidence(0, {}, []), 0)
