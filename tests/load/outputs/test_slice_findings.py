from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fthg.load.outputs.slice_findings import slice_findings
from fthg.load.outputs.summary_json import summary_json
from fthg.load.stats.snapshot import IncompleteSlice, Reading, RunSnapshot
from fthg.slices import Slice

from ..results_of import result
from ..snapshots import job_snapshot, run_snapshot
from .test_summary import printed


def merged(incomplete: Sequence[IncompleteSlice], twice: int = 0, runs: int = 1) -> RunSnapshot:
    missing = sum(one.missing or 0 for one in incomplete)
    orders = replace(job_snapshot([result()] * 96), missing=missing)
    reading = Reading("r-*.jsonl", runs, 0, 1.0, incomplete, twice)
    return replace(run_snapshot(orders), reading=reading)


def lacking(slice_: str, missing: int, *, absent: bool = False, run: str = "r1") -> IncompleteSlice:
    return IncompleteSlice(run, "orders", slice_, missing, absent)


def test_a_complete_merge_has_no_finding() -> None:
    run = merged([])
    assert list(slice_findings(run)) == []
    assert "missing" not in printed(run)


def test_incomplete_and_absent_slices_are_named() -> None:
    run = merged([lacking("1/4", 3), lacking("2/4", 1), lacking("3/4", 25, absent=True)])
    assert list(slice_findings(run)) == [
        "orders: no results of slice 3/4; 25 arrivals are missing.",
        "orders, slice 1/4: 3 arrivals are missing.",
        "orders, slice 2/4: 1 arrival is missing.",
        "Rates and times are those of the arrivals that have results.",
    ]
    assert "    missing..........: 29           23.20%\n" in printed(run)


def test_many_slices_are_counted_and_none_is_left_out_without_a_word() -> None:
    absent = [lacking(f"{part}/40", 4, absent=True) for part in range(38)]
    assert next(slice_findings(merged(absent))) == (
        "orders: no results of slices 0/40, 1/40, 2/40, 3/40, 4/40 and 33 more; "
        "152 arrivals are missing."
    )
    some = list(slice_findings(merged([lacking(f"{part}/40", 1) for part in range(38)])))
    assert len(some) == 12
    assert some[-2] == "And 28 more slices are incomplete: the JSON names them."


def test_what_is_not_named_is_counted_in_slices_not_in_sentences() -> None:
    absent = [
        lacking(f"{part}/10", 7, absent=True)._replace(job=f"job{number}")
        for number in range(20)
        for part in range(5, 10)
    ]
    assert list(slice_findings(merged(absent)))[-2] == (
        "And 50 more slices are incomplete: the JSON names them."
    )
    one_more = [lacking(f"{part}/40", 1) for part in range(11)]
    assert list(slice_findings(merged(one_more)))[-2] == (
        "And 1 more slice is incomplete: the JSON names it."
    )


def test_of_several_runs_it_says_which() -> None:
    of_two = [lacking("1/4", 3), lacking("1/4", 5, run="r2")]
    assert list(slice_findings(merged(of_two, runs=2)))[:2] == [
        "orders, run r1, slice 1/4: 3 arrivals are missing.",
        "orders, run r2, slice 1/4: 5 arrivals are missing.",
    ]


def test_of_the_closed_model_it_is_only_known_that_a_slice_is_absent() -> None:
    run = merged([IncompleteSlice("r1", "orders", "3/4", None, absent=True)])
    assert next(slice_findings(run)) == "orders: no results of slice 3/4."


def test_where_the_lines_do_not_tell_the_slice_none_is_named() -> None:
    assert next(slice_findings(merged([lacking("", 7)]))) == "orders: 7 arrivals are missing."


def test_lines_that_are_there_twice_are_counted() -> None:
    (finding,) = slice_findings(merged([], twice=12))
    assert finding.startswith("12 lines are of arrivals that have one already")


def test_nothing_is_wider_than_a_terminal() -> None:
    run = merged([lacking(f"{part}/1000", 123456, absent=True) for part in range(999)], twice=5)
    assert max(map(len, printed(run).splitlines())) <= 80


def test_the_json_names_them_all() -> None:
    made = summary_json(merged([lacking("1/4", 3)], twice=2))
    assert made["incomplete"] == [
        {"run": "r1", "job": "orders", "slice": "1/4", "missing": 3, "absent": False}
    ]
    assert made["twice"] == 2
    assert made["slice"] is None
    assert (made["total"]["missing"], made["total"]["scheduled"]) == (3, 99)


def test_a_slice_says_which_it_is_and_who_judges() -> None:
    run = run_snapshot(job_snapshot([result()], slice=Slice(3, 10)))
    run = replace(run, plan=replace(run.plan, slice=Slice(3, 10)))
    text = printed(run)
    assert "    slice............: 3/10        thresholds are judged by --from-results\n" in text
    assert "open, 1/10 of 10/s to https://" in text
    assert summary_json(run)["slice"] == "3/10"


def test_a_slice_without_a_job_says_so() -> None:
    run = run_snapshot()
    run = replace(run, plan=replace(run.plan, slice=Slice(3, 4)))
    assert "! There is nothing to send in this slice: no job has a part for it.\n" in printed(run)
