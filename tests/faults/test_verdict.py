from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from .case import Case, nothing
from .observed import NEIGHBOUR, TARGET, Observed
from .verdict import broken_promises
from .vitals import Vitals

CASE = Case("a fault", "http", "open", nothing, frozenset(["reset"]))
CALM = Vitals(60_000_000, 10, 16)


def ident(job: str, seq: int) -> str:
    return f"{seq:08d}-0000-0000-0000-{len(job):012d}"


def line(job: str, seq: int, outcome: str = "ok", **more: Any) -> dict[str, Any]:
    common = {"job": job, "seq": seq, "uuid": ident(job, seq), "file": "a.bin", "bytes": 3}
    start = 100.0 + seq
    detail = "cut" if outcome == "failed" else None
    error = "reset" if outcome == "failed" else None
    times = {"start": start, "end": start + 0.5, "phases": {"sending": 0.1}}
    return {**common, "outcome": outcome, "error": error, "detail": detail, **times, **more}


LINES = {
    TARGET: [line(TARGET, 0), line(TARGET, 1, "failed"), line(TARGET, 2), line(TARGET, 3)],
    NEIGHBOUR: [line(NEIGHBOUR, seq) for seq in range(3)],
}


def figures(lines: list[dict[str, Any]]) -> dict[str, Any]:
    counts = {
        outcome: sum(one["outcome"] == outcome for one in lines)
        for outcome in ("ok", "failed", "dropped", "cancelled")
    }
    return {**counts, "scheduled": sum(counts.values()), "lateness": {"p95": 0.001, "max": 0.02}}


def seen(lines: Mapping[str, list[dict[str, Any]]] = LINES, **changes: Any) -> Observed:
    arrived = {
        job: {f"{one['uuid']}-a.bin": "abc" for one in of if one["outcome"] == "ok"}
        for job, of in lines.items()
    }
    jobs = {job: figures(of) for job, of in lines.items()}
    whole = Observed(
        files={"a.bin": "abc"},
        results=lines,
        arrived=arrived,
        moments=[],
        summary={"jobs": jobs, "outages": []},
        began=101.0,
        over=102.0,
        before=CALM,
        after=CALM,
        status=0,
        ending=None,
        said="",
    )
    return whole._replace(**changes)


def with_target(*lines: dict[str, Any]) -> Observed:
    return seen({**LINES, TARGET: list(lines)})


def arriving(name: str, digest: str = "abc") -> Observed:
    there = seen()
    return seen(arrived={**there.arrived, TARGET: {**there.arrived[TARGET], name: digest}})


def without_arrivals() -> Observed:
    return seen(arrived={**seen().arrived, NEIGHBOUR: {}})


def counting(job: str, **changes: int) -> Observed:
    summary = seen().summary
    jobs = {**summary["jobs"], job: {**summary["jobs"][job], **changes}}
    return seen(summary={**summary, "jobs": jobs})


def outage(job: str, end: Any) -> Observed:
    return seen(summary={**seen().summary, "outages": [{"job": job, "end": end}]})


def test_a_row_without_violations_is_whole() -> None:
    assert broken_promises(CASE, seen()) == []
    assert seen().back_after == 0.5
    assert seen().kinds == {"reset": 1}


OK, FAILED = line(TARGET, 0), line(TARGET, 1, "failed")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (seen(status=None), "had to be killed"),
        (seen(status=1), "status 1, not 0"),
        (seen(said="Traceback (most recent call last)"), "traceback"),
        (seen(summary={}), "no job target"),
        (counting(TARGET, scheduled=5), "another sum"),
        (counting(NEIGHBOUR, ok=4, scheduled=4), "4 ok in the summary, 3 in the results"),
        (with_target(OK, FAILED, line(TARGET, 3)), "gaps"),
        (with_target(OK, FAILED, line(TARGET, 2), line(TARGET, 2)), "occur twice"),
        (without_arrivals(), "is not there"),
        (arriving(f"{ident(TARGET, 0)}-a.bin", "abd"), "differs"),
        (arriving(f"{'0' * 36}-a.bin"), "in no result"),
        (arriving(f"{ident(TARGET, 1)}-a.bin", "ab"), "not whole"),
        (with_target(OK, line(TARGET, 1), line(TARGET, 2)), "nothing failed"),
        (with_target(OK, line(TARGET, 1, "failed", error="tls"), line(TARGET, 2)), "kind tls"),
        (with_target(OK, FAILED, line(TARGET, 2), line(TARGET, 3, "cancelled")), "lasted longer"),
        (with_target(OK, FAILED), "nothing succeeded after"),
        (seen(over=96.0), "came 4.5 s after"),
        (seen(after=CALM._replace(rss=90_000_000)), "memory grew from 60.0 to 90.0 MB"),
        (seen(after=CALM._replace(descriptors=30)), "descriptors grew from 10 to 30"),
        (seen(after=CALM._replace(greenlets=30)), "greenlets grew from 16 to 30"),
        (with_target(OK, *(line(TARGET, n, "failed") for n in range(1, 25))), "no outage"),
        (outage(TARGET, None), "reported as not over"),
        (outage(NEIGHBOUR, None), "outage of the neighbour"),
        (seen({**LINES, NEIGHBOUR: [line(NEIGHBOUR, 0, "failed")]}), "neighbour has 1 failed"),
        (seen({**LINES, NEIGHBOUR: [line(NEIGHBOUR, 0, "dropped")]}), "neighbour has 1 dropped"),
        (counting(NEIGHBOUR, lateness={"p95": 3.0}), "neighbour was late: p95 3.00 s"),  # type: ignore[arg-type]
    ],
)
def test_each_violation_is_reported(found: Observed, words: str) -> None:
    case = Case("a fault", "http", "open", nothing, frozenset(["reset"]), back_within=3)
    violations = broken_promises(case, found)
    assert any(words in sentence for sentence in violations), violations


def test_a_transfer_that_failed_before_it_started_may_not_be_at_the_server() -> None:
    early = line(TARGET, 1, "failed", bytes=0, phases={"connecting": 0.1})
    found = with_target(OK, early, line(TARGET, 2))
    names = {**found.arrived[TARGET], f"{ident(TARGET, 1)}-a.bin": "abc"}
    violations = broken_promises(CASE, found._replace(arrived={**found.arrived, TARGET: names}))
    assert ["failed before sending had started" in sentence for sentence in violations] == [True]


def test_a_plain_sftp_upload_that_failed_may_be_there_in_part_but_an_atomic_one_may_not() -> None:
    found = arriving(f"{ident(TARGET, 1)}-a.bin", "ab")
    plain = Case("a fault", "sftp", "open", nothing, frozenset(["reset"]))
    atomic = Case("a fault", "sftp", "open", nothing, frozenset(["reset"]), keys={"atomic": True})
    part = arriving(f"a.bin.{ident(TARGET, 1)}.part", "ab")
    assert broken_promises(plain, found) == []
    assert broken_promises(atomic, part) == []
    assert "not whole" in broken_promises(atomic, found)[0]


def test_connections_that_http_keeps_are_no_leak_but_more_than_those_are() -> None:
    together = [line(TARGET, seq, start=100.0, end=103.0) for seq in range(9)]
    lines = {**LINES, TARGET: [*together, line(TARGET, 9, "failed")]}
    assert broken_promises(CASE, seen(lines, after=CALM._replace(descriptors=19))) == []
    (violation,) = broken_promises(CASE, seen(lines, after=CALM._replace(descriptors=26)))
    assert violation == "descriptors grew from 10 to 26"


def test_a_worker_may_stop_before_another_but_leaves_no_gap() -> None:
    case = Case("f", "http", "open", nothing, frozenset(["reset"]), workers=2)
    one = [line(TARGET, 1, "failed"), *(line(TARGET, seq) for seq in (0, 2, 3, 5))]
    assert broken_promises(case, with_target(*one)) == []
    assert broken_promises(CASE, with_target(*one)) != []
    assert broken_promises(case, with_target(*one[:3], *one[4:])) != []


def test_additional_checks_of_a_case_are_reported_too() -> None:
    case = Case("f", "http", "open", nothing, frozenset(["reset"]), also=lambda _: ["not logged"])
    assert broken_promises(case, seen()) == ["not logged"]


CUT = Case("f", "http", "open", nothing, felt=False, status=130, interrupted=True)


def test_a_row_that_two_signals_end_may_have_cancelled_ones_and_need_not_recover() -> None:
    lines = {job: [line(job, 0), line(job, 1, "cancelled")] for job in (TARGET, NEIGHBOUR)}
    found = seen(lines, status=130, ending=4.9, over=200.0)
    assert broken_promises(CUT, found) == []
    (violation,) = broken_promises(CUT, found._replace(ending=5.1))
    assert "ended 5.1 s after the second signal" in violation
    assert "status 0, not 130" in broken_promises(CUT, found._replace(status=0))[0]
    assert ["frozen" in one for one in broken_promises(CUT, found._replace(status=None))] == [True]


def test_where_results_may_be_unwritten_the_stored_files_are_counted() -> None:
    lines = {job: [line(job, 0), line(job, 1, "cancelled")] for job in (TARGET, NEIGHBOUR)}
    found = seen(lines, status=130, ending=1.0)
    written = {job: of[:1] for job, of in lines.items()}
    unwritten = replace(CUT, unwritten=True)
    assert broken_promises(unwritten, found._replace(results=written)) == []
    assert broken_promises(CUT, found._replace(results=written)) != []
    none = found._replace(results=written, arrived={TARGET: {}, NEIGHBOUR: {}})
    assert "target: 0 are at the server; 1 were ok, of 2" in broken_promises(unwritten, none)
