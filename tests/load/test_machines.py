from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from fthg.cli import parse
from fthg.clock import SECOND
from fthg.errors import ConfigError
from fthg.load.machines import on_this_machine, stamp_of
from fthg.load.pacing import pacer
from fthg.load.plan import Job, Plan
from fthg.slices import Slice
from fthg.writing import Stamp

from .snapshots import job, limits

STAMP = Stamp("made", "2026-01-31", "140259")


def plan(*jobs: Job, **outputs: str) -> Plan:
    return Plan("r1", jobs or (job(limits=limits("failed < 1%")),), outputs=outputs)


def mine(*words: str, of: Plan) -> Plan:
    return on_this_machine(of, parse(["--run", "r1", *words]))


@pytest.mark.parametrize("run", ["nightly-7", "_", "a" * 200, "10", "job.1:2+x@host-3"])
def test_an_id_is_taken_as_it_is(run: str) -> None:
    assert stamp_of(parse([f"--run={run}"]), STAMP).run == run


@pytest.mark.parametrize(
    "run", ["", "a b", "a/b", ".hidden", "-x", "é", "a\n", "a" * 201, "{date}"]
)
def test_what_is_no_id_is_refused_with_what_is_allowed(run: str) -> None:
    with pytest.raises(ConfigError, match=r"--run: .* is not an id: up to 200 letters, digits"):
        stamp_of(parse([f"--run={run}"]), STAMP)


def test_paths_get_the_slice_and_those_of_a_whole_run_too() -> None:
    assert stamp_of(parse(["--run", "x", "--slice", "3/10"]), STAMP).fill("{run}-{slice}") == (
        "x-3-of-10"
    )
    assert stamp_of(parse([]), STAMP).fill("{run}-{slice}") == "made-0-of-1"


@pytest.mark.parametrize(
    ("slice_", "says"),
    [
        ("10/10", "counted from 0, the last one of 10 is 9/10"),
        ("0/0", "there is none of 0"),
        ("3", "write it as 3/10"),
        ("-1/3", "write it as 3/10"),
        ("1/3/5", "write it as 3/10"),
    ],
)
def test_what_is_no_slice_is_refused(slice_: str, says: str) -> None:
    with pytest.raises(ConfigError, match=rf"--slice: .*{says}"):
        mine(f"--slice={slice_}", of=plan())


@pytest.mark.parametrize("slice_", ["0/1", "1/3"])
def test_a_slice_has_no_thresholds_and_no_junit(slice_: str) -> None:
    part = mine("--slice", slice_, of=plan(junit="j.xml", summary="-"))
    assert part.slice == Slice.parse(slice_)
    assert part.outputs == {"summary": "-"}
    assert [one.limits.thresholds for one in part.jobs] == [()]


def test_without_a_slice_all_is_sent_and_judged() -> None:
    whole = mine("--start-at", "1795794329.5", of=plan())
    assert (whole.slice, whole.start_at) == (None, 1_795_794_329_500_000_000)
    assert whole.jobs == plan().jobs
    assert whole.cautions == ()


@pytest.mark.parametrize("zone", ["", "zone: local"])
def test_a_slice_needs_the_zone_of_a_day_profile(zone: str) -> None:
    day = pacer({"day": {"08:00": "5/s"}, **dict([zone.split(": ")] if zone else [])})
    of = plan(job(pacer=day))
    assert mine(of=of).jobs == of.jobs
    with pytest.raises(ConfigError, match=r"jobs\.orders\.rate: a slice needs .* zone"):
        mine("--slice", "0/2", of=of)
    named = pacer({"day": {"08:00": "5/s"}, "zone": "Europe/Berlin"})
    assert mine("--slice", "0/2", of=plan(job(pacer=named))).jobs


def cautions(*words: str, **outputs: str) -> Sequence[str]:
    return mine(*words, of=plan(**outputs)).cautions


def test_slices_are_warned_of_what_sets_them_apart(tmp_path: Path) -> None:
    start = ("--start-at", "2100-01-01T00:00:00Z")
    assert cautions("--slice", "0/2", *start) == ()
    assert cautions("--slice", "0/1") == ()
    assert "starts when it is ready" in cautions("--slice", "0/2")[0]
    assert "another moment" in cautions("--slice", "0/2", "--start-at", "now+30s")[0]
    path = str(tmp_path / "r.jsonl")
    (warning,) = cautions("--slice", "0/2", *start, results=path, metrics="9464", summary="-")
    assert warning.startswith("run.results: slices that share the directory of ")
    assert cautions("--slice", "0/2", *start, results=str(tmp_path / "r-0-of-2.jsonl")) == ()


def test_a_slice_without_a_share_is_warned_of() -> None:
    alone = job(limit=1)
    of = plan(alone)
    empty = [part for part in range(3) if not mine("--slice", f"{part}/3", of=of).jobs]
    assert len(empty) == 2
    assert "nothing will be sent" in mine("--slice", f"{empty[0]}/3", of=of).cautions[0]


def test_a_start_moment_that_is_over_is_told_by_check() -> None:
    assert cautions("--check", "--start-at", "0") == ("--start-at: that moment is over",)
    assert mine("--start-at", "0", of=plan()).start_at == 0 * SECOND
