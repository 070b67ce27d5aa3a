"""The end of a run, read from the results that it left."""

from __future__ import annotations

import io
import itertools
import os
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, cast

import gevent
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from fthg.clock import SECOND
from fthg.errors import StartError, TransferError
from fthg.load.files.source import Source
from fthg.load.from_results import Choice, summarize_results
from fthg.load.outputs import Surroundings, make_outputs
from fthg.load.outputs.summary import print_summary
from fthg.load.outputs.summary_json import summary_json
from fthg.load.pacing import Poisson
from fthg.load.plan import Job, Plan
from fthg.load.process import ProcessRun
from fthg.load.stats.snapshot import IncompleteSlice, RunSnapshot
from fthg.peer import Peer
from fthg.protocols.options import Options
from fthg.results.write import result_lines, standstill_line
from fthg.slices import Slice
from fthg.standstill import Slices, Standstill
from fthg.transfer import Result, Sent, Transfer
from fthg.writing.terminal import standard_terminals
from tests.fakes import FakeClock, FakeSender

from .leaves import differing, leaves
from .results_of import MS, dropped, result
from .snapshots import job, limits
from .stats.staged import stages

DAY = 86_400 * SECOND
NOTHING = Plan("", ())
NO_INPUT = io.BytesIO()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "r.jsonl"


def written(results: Sequence[Result], run: str = "r1", offset: int = 0) -> bytes:
    return b"".join(result_lines(results, run, offset))


def at(second: float, **changes: Any) -> Result:
    due = round(second * SECOND)
    return result(**{"due": due, "start": due + MS, "end": due + 21 * MS, **changes})


def read(*paths: Path, plan: Plan = NOTHING, choice: Choice = Choice()) -> RunSnapshot:  # noqa: B008
    return summarize_results([str(path) for path in paths], NO_INPUT, plan, choice)


def shown(end: RunSnapshot) -> str:
    out = io.StringIO()
    print_summary(end, Console(file=out, width=300, color_system=None))
    return out.getvalue()


def figures(end: RunSnapshot) -> dict[str, Any]:
    return dict(summary_json(end))


# --- the round trip


class UnsteadySender(FakeSender):
    """Takes from no time to seconds, fails in several ways, and is away for four seconds."""

    def __init__(self, clock: FakeClock, seed: int) -> None:
        self.dice = random.Random(seed)
        super().__init__(
            Options(), clock, lambda _: self.dice.choice([0.0, 0.002345, 0.25, 3.000001])
        )

    def send(self, transfer: Transfer) -> Sent:
        sent = super().send(transfer)
        if 10 * SECOND <= self.clock.now() < 14 * SECOND:
            raise TransferError("refused", "Connection refused")
        fate = self.dice.random()
        if fate < 0.1:
            raise TransferError("reset", f"cut at {transfer.seq % 3}", sent=5)
        if fate < 0.2:
            raise TransferError("status", "Unavailable", code=503, phases={"waiting": 0.000001})
        return sent


def run_to_its_end(
    path: Path, jobs: Sequence[Job], clock: FakeClock, name: str = "r1"
) -> RunSnapshot:
    plan = Plan(
        name,
        tuple(jobs),
        graceful_stop=1,
        limits=limits("failed < 1%"),
        outputs={"results": str(path)},
    )
    senders = {job.name: UnsteadySender(clock, seed) for seed, job in enumerate(jobs)}
    names = {job.name: itertools.cycle(["a", "b"]) for job in jobs}
    outputs = make_outputs(
        plan, Surroundings(clock, standard_terminals("auto")[1]), per_process=True
    )
    run = ProcessRun(plan, senders, cast("Any", names), clock, clock.now(), outputs)
    run.wait()
    run.end()
    return run.snapshot()


def jobs_at(tmp_path: Path) -> list[Job]:
    files = tmp_path / "files"
    files.mkdir()
    for name in "ab":
        (files / name).write_text(name * 100)
    source = Source(str(files))
    return [
        job(source=source, limit=8, duration=30.0, limits=limits("achieved_rate > 95%")),
        job(source=source, name="odd", rate=Fraction(7, 3), duration=20.0, start_after=2.5),
        job(source=source, name="closed", rate=Fraction(2), open=False, limit=3, duration=15.0),
        job(source=source, name="busy", rate=None, open=False, limit=2, count=300),
    ]


UNKNOWN = ("ended", "reason", "results_lost")
OF_READING = ("results", "runs", "lines_left_out", "incomplete", "twice")


def stand_still(clock: FakeClock, *, at: int, seconds: int) -> None:
    clock.sleep_until(at * SECOND)
    clock.stand_still(seconds * SECOND)


@pytest.mark.parametrize("standstills", [0, 1])
def test_what_is_read_is_what_the_run_itself_reported_figure_by_figure(
    tmp_path: Path, standstills: int
) -> None:
    path = tmp_path / "r.jsonl"
    jobs = jobs_at(tmp_path)
    clock = FakeClock()
    for _ in range(standstills):
        gevent.spawn(stand_still, clock, at=16, seconds=4)
    with gevent.Timeout(60):
        end = run_to_its_end(path, jobs, clock)
    again = read(path, plan=end.plan)
    own, retold = figures(end), figures(again)
    assert own["total"]["cancelled"] > 0
    assert own["total"]["dropped"] > 0
    assert len(own["total"]["errors"]) == 3
    assert len(own["outages"]) == 3
    assert [one["dropped"] > 25 for one in own["standstills"]] == [True] * standstills
    # How long the closed job waited for a free sender before it gave up, no line says.
    achieved = {("jobs", "closed", "achieved_rate"), ("total", "achieved_rate")}
    for place in achieved:
        assert leaves(retold)[place] == pytest.approx(leaves(own)[place], rel=0.05)
    assert {place[0] for place in differing(own, retold) - achieved} <= {*UNKNOWN, *OF_READING}
    assert [retold[key] for key in OF_READING] == [str(path), 1, 0, [], 0]
    assert [retold[key] for key in UNKNOWN[1:]] == [None, None]
    assert again.seconds == pytest.approx(end.seconds, abs=1)
    # Throughput is over the time up to the end of the run.
    unlike = re.compile(r" [\d.]+ \S+/s$|^    rate.*$", re.MULTILINE)
    own_blocks, blocks = (unlike.sub("", shown(e).partition("█ orders")[2]) for e in (end, again))
    assert blocks == own_blocks


def test_the_target_of_random_arrivals_is_that_of_the_run_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    steady = jobs_at(tmp_path)[0]
    drawn = replace(steady, pacer=Poisson(steady.pacer, "orders", "r1"))
    with gevent.Timeout(60):
        own = figures(run_to_its_end(path, [drawn], FakeClock()))["jobs"]["orders"]
    again = Plan("", (replace(drawn, pacer=Poisson(steady.pacer, "orders", "r2")),))
    retold = figures(read(path, plan=again))["jobs"]["orders"]
    assert abs(own["scheduled"] - 300) < 3 * 300**0.5
    assert own["scheduled"] != 300
    assert retold["achieved_rate"] == pytest.approx(own["achieved_rate"], rel=1e-6)
    # The clock of the test stands still at the last due time: the run counts one less.
    assert retold["target_rate"] == pytest.approx(own["target_rate"], rel=0.02)
    exact = own["scheduled"] / drawn.pacer.seconds(own["scheduled"])
    assert retold["target_rate"] == pytest.approx(float(exact))
    with gevent.Timeout(60):
        run_to_its_end(path, [drawn], FakeClock(), "r3")
    both = figures(read(path, plan=again))["jobs"]["orders"]  # at the same time
    assert both["target_rate"] == pytest.approx(2 * 10, rel=0.05)


def test_with_no_configuration_only_targets_and_verdicts_are_unknown(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with gevent.Timeout(60):
        end = run_to_its_end(path, jobs_at(tmp_path), FakeClock())
    own, retold = figures(end), figures(read(path))
    assert retold["jobs"].keys() == own["jobs"].keys()
    assert retold["thresholds"] == []
    for name, known in own["jobs"].items():
        found = retold["jobs"][name]
        assert found.pop("target_rate") is None
        assert found.pop("achieved_rate") == pytest.approx(known["achieved_rate"], rel=0.05)
        found.pop("missing")
        assert differing({key: known[key] for key in found}, found) == set()
    # Undisturbed, the due times show the rate to the microsecond.
    assert figures(read(path))["jobs"]["odd"]["achieved_rate"] == pytest.approx(7 / 3, rel=1e-6)


def staged_jobs(tmp_path: Path) -> list[Job]:
    files = tmp_path / "files"
    files.mkdir()
    for name in "ab":
        (files / name).write_text(name * 100)
    source = Source(str(files))
    text = "7/3s for 9s, to 20/s over 5s, 0/s for 5s, 10/s for 4s"
    return [
        job(source=source, pacer=stages(text), limit=30),
        job(source=source, pacer=stages(text), name="short", start_after=3.7, duration=12.0),
        job(source=source, pacer=stages("to 9/s over 6s"), name="counted", count=17),
        job(source=source, pacer=stages("4/s for 5s, to 1/s over 4s"), name="closed", open=False),
        job(
            source=source,
            pacer=stages("max for 5s, max for 3s"),
            name="busy",
            open=False,
            limit=2,
            duration=8.0,
        ),
    ]


def test_figures_of_stages_are_those_of_the_run_itself(tmp_path: Path) -> None:
    path, clock = tmp_path / "r.jsonl", FakeClock()
    with gevent.Timeout(60):
        end = run_to_its_end(path, staged_jobs(tmp_path), clock)
    own, retold = figures(end), figures(read(path, plan=end.plan))
    assert [len(one["stages"]) for one in own["jobs"].values()] == [4, 2, 1, 2, 2]
    for name, known in own["jobs"].items():
        found = retold["jobs"][name]
        for count in ("scheduled", "sent", "ok", "failed", "dropped", "cancelled", "bytes"):
            assert sum(one[count] for one in found["stages"]) == known[count]
        # How long the senders of a closed job were busy at the end, no line says.
        rates = ("seconds", "target_rate", "achieved_rate")
        assert {
            place
            for place in differing(known["stages"], found["stages"])
            if name not in ("closed", "busy") or place[-1] not in rates
        } == set()


def test_several_runs_have_each_their_own_first_moment(tmp_path: Path) -> None:
    path, clock = tmp_path / "r.jsonl", FakeClock()
    only = staged_jobs(tmp_path)[:1]
    with gevent.Timeout(60):
        first = run_to_its_end(path, only, clock, "r1")
        clock.pass_by(round(7.3 * SECOND))
        run_to_its_end(path, only, clock, "r2")
    once = figures(first)["jobs"]["orders"]
    both = figures(read(path, plan=first.plan))["jobs"]["orders"]
    for key in ("scheduled", "seconds"):
        assert [one[key] for one in both["stages"]] == [2 * one[key] for one in once["stages"]]
    for key in ("rate", "start", "target_rate"):
        assert [one[key] for one in both["stages"]] == [one[key] for one in once["stages"]]
    assert both["target_rate"] == once["target_rate"]


# --- standstills


def stood(
    start: float,
    seconds: float,
    dropped: int = 0,
    run: str = "r1",
    slices: Slices = {},  # noqa: B006
) -> bytes:
    one = Standstill(round(start * SECOND), round(seconds * SECOND), dropped, f"after {start}")
    return standstill_line(one, run, 0, slices)


def test_overlapping_standstills_of_workers_and_slices_are_one(tmp_path: Path) -> None:
    one, other = tmp_path / "0.jsonl", tmp_path / "1.jsonl"
    one.write_bytes(written([at(1), at(20)]) + stood(10, 5, 7))
    other.write_bytes(stood(12, 7.5, 8) + written([at(2, seq=1)]) + stood(30, 2))
    found = figures(read(one, other))
    assert found["lines_left_out"] == 0
    assert [(s["seconds"], s["dropped"], s["cause"]) for s in found["standstills"]] == [
        (9.5, 15, "after 12"),
        (2, 0, "after 30"),
    ]


def test_standstills_of_runs_that_are_not_chosen_are_left_out(path: Path) -> None:
    path.write_bytes(
        written([at(1)]) + stood(1, 5) + written([at(2)], "r2") + stood(2, 6, run="r2")
    )
    assert [s.length for s in read(path).standstills] == [5 * SECOND, 6 * SECOND]
    assert [s.length for s in read(path, choice=Choice("r2")).standstills] == [6 * SECOND]


def test_failures_that_fell_into_a_standstill_are_no_outage(path: Path) -> None:
    late = [
        at(4.9, seq=n, end=round(10.1 * SECOND), outcome="failed", error="timeout", code=None)
        for n in range(30)
    ]
    path.write_bytes(written(late))
    assert len(figures(read(path))["outages"]) == 1
    path.write_bytes(written(late) + stood(5, 5))
    assert figures(read(path))["outages"] == []
    path.write_bytes(written(late) + stood(5, 5, run="another"))
    assert len(figures(read(path))["outages"]) == 1


def test_failures_of_a_worker_are_an_outage_while_another_stood_still(path: Path) -> None:
    failures = [at(30 + n, seq=n, outcome="failed", error="refused", code=None) for n in range(20)]
    path.write_bytes(written(failures) + stood(0.5, 50, slices={"orders": (1, 2)}))
    (outage,) = figures(read(path))["outages"]
    assert outage["count"] == 10
    path.write_bytes(written(failures) + stood(0.5, 50, slices={"another": (0, 2)}))
    (outage,) = figures(read(path))["outages"]
    assert outage["count"] == 20


def test_failures_right_after_the_last_beat_before_a_standstill_are_not_explained_by_it(
    path: Path,
) -> None:
    failures = [
        at(5 + n / 1000, seq=n, outcome="failed", error="refused", code=None) for n in range(30)
    ]
    path.write_bytes(written(failures) + stood(4.9, 5))
    assert len(figures(read(path))["outages"]) == 1


# --- what is taken


def test_the_first_due_time_counts_however_late_it_ended(path: Path) -> None:
    path.write_bytes(written([at(9), at(5, seq=1), at(2, seq=2, end=99 * SECOND), at(7, seq=3)]))
    end = read(path)
    assert (end.started, end.ended) == (2 * SECOND, 99 * SECOND)
    series = figures(end)["total"]["series"]
    assert [(stretch["at"], stretch["ok"]) for stretch in series if stretch["ok"]] == [
        (3, 1), (5, 1), (7, 1), (97, 1),
    ]  # fmt: skip


def test_several_runs_are_summed_up_without_the_time_between_them(path: Path) -> None:
    nightly = [
        written([at(night * 86_400 + n / 10, seq=n) for n in range(100)], f"night-{night}")
        for night in range(30)
    ]
    path.write_bytes(b"".join(nightly))
    plan = Plan("", (job(limits=limits("achieved_rate > 99.9%")),))
    end = read(path, plan=plan)
    total = figures(end)["total"]
    assert (total["ok"], total["achieved_rate"]) == (3000, 10.0)
    assert end.seconds == pytest.approx(30 * 9.921)
    assert figures(read(path))["total"]["achieved_rate"] == 10.0
    assert figures(end)["runs"] == 30
    text = shown(end)
    assert "run  night-0, night-1, night-2 and 27 more" in text
    assert "runs.............: 30          added up; --run selects one" in text
    assert "All 3,000 transfers were ok, and the threshold passed." in text


@pytest.mark.parametrize("rate", ["10/s", "10/s for 10s, 10/s for 10s"])
def test_the_target_of_runs_at_the_same_time_is_that_of_all_together(path: Path, rate: str) -> None:
    pacer = stages(rate) if "for" in rate else job().pacer
    lines = [
        written([at(start + n / 10, seq=n) for n in range(200)], f"host-{start}")
        for start in (0, 10)
    ]
    path.write_bytes(b"".join(lines))
    found = figures(read(path, plan=Plan("", (job(pacer=pacer),))))["jobs"]["orders"]
    assert (found["target_rate"], found["achieved_rate"]) == (400 / 30, 400 / 30)
    assert all(stage["target_rate"] == stage["achieved_rate"] == 10 for stage in found["stages"])


def test_one_run_of_several_can_be_chosen_and_so_can_jobs(path: Path) -> None:
    path.write_bytes(
        written([at(1), at(1, job="other")], "r1")
        + written([at(50 + n, seq=n) for n in range(3)], "r2")
    )
    end = read(path, choice=Choice("r1"))
    assert (end.plan.run, [one.job.name for one in end.jobs]) == ("r1", ["orders", "other"])
    end = read(path, choice=Choice("r2", ["orders"]))
    assert (end.plan.run, end.started, end.merged.scheduled) == ("r2", 50 * SECOND, 3)
    assert "runs......" not in shown(end)
    there = "of what is asked for, but of run r1, r2 and job orders, other in .*r.jsonl"
    with pytest.raises(StartError, match=there):
        read(path, choice=Choice("r2", ["other"]))


def test_jobs_can_be_chosen_by_patterns(path: Path) -> None:
    path.write_bytes(written([at(1, job=f"partner-{n}") for n in range(12)] + [at(2)]))
    end = read(path, choice=Choice(jobs=["partner-1*", "partner-[5]"]))
    assert {one.job.name for one in end.jobs} == {f"partner-{n}" for n in (1, 5, 10, 11)}


def test_rotated_files_are_one_run(tmp_path: Path) -> None:
    (tmp_path / "r.1").write_bytes(written([at(1), at(2, seq=1)]))
    (tmp_path / "r").write_bytes(written([at(3, seq=2)]))
    end = read(tmp_path / "r.1", tmp_path / "r", tmp_path / "r")
    assert (end.merged.scheduled, end.plan.run) == (3, "r1")


def sliced(tmp_path: Path, parts: int, runs: Sequence[str]) -> list[Path]:
    """Write what slices of a run leave at 100/s, when its server is away from second 3 to 7."""
    paths = []
    for part in range(parts):
        results = [
            at(seq / 100, seq=seq)
            if not 300 <= seq < 700
            else at(seq / 100, seq=seq, outcome="failed", error="refused", code=None)
            for seq in range(part, 1000, parts)
        ]
        paths.append(tmp_path / f"{parts}-{part}")
        paths[-1].write_bytes(written(results, runs[part % len(runs)]))
    return paths


def test_slices_of_a_run_are_as_one_file_whatever_their_order(tmp_path: Path) -> None:
    one = figures(read(*sliced(tmp_path, 1, ["r1"])))
    several = figures(read(*reversed(sliced(tmp_path, 4, ["r1"]))))
    (outage,) = several["outages"]
    assert outage["count"] == 400
    assert {key: several[key] for key in one.keys() - {"results"}} == {
        key: one[key] for key in one.keys() - {"results"}
    }


def test_outages_of_different_runs_at_the_same_time_are_never_joined(tmp_path: Path) -> None:
    end = read(*sliced(tmp_path, 2, ["r1", "r2"]))
    assert [outage.failed for outage in end.outages.listed] == [200, 200]


def in_slices(tmp_path: Path, of: int, lost: Sequence[int] = ()) -> list[Path]:
    """Write 100 arrivals as so many slices leave them, but for those that are lost."""
    paths = []
    for part in range(of):
        name = Slice(part, of)
        some = [at(seq / 10, seq=seq) for seq in range(part, 100, of)]
        paths.append(tmp_path / name.in_paths)
        lines = b"".join(result_lines(some, "nightly-7", 0, str(name)))
        paths[-1].write_bytes(b"" if part in lost else lines)
    return paths


@pytest.mark.parametrize("plan", [NOTHING, Plan("", (job(),))])
def test_what_lost_slices_did_not_send_is_missing_and_they_are_named(
    tmp_path: Path, plan: Plan
) -> None:
    whole = read(*in_slices(tmp_path, 4), plan=plan)
    assert (whole.figures.total["missing"], whole.figures.total["scheduled"]) == (0, 100)
    assert whole.reading is not None
    assert list(whole.reading.incomplete) == []
    end = read(*in_slices(tmp_path, 4, lost=[1]), plan=plan)
    assert (end.figures.total["missing"], end.figures.total["scheduled"]) == (25, 100)
    assert end.reading is not None
    assert list(end.reading.incomplete) == [
        IncompleteSlice("nightly-7", "orders", "1/4", 25, absent=True)
    ]


def test_each_of_several_runs_is_judged_by_itself(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(written([at(seq / 10, seq=seq) for seq in range(50) if seq != 7], "other"))
    end = read(other, *in_slices(tmp_path, 2, lost=[1]))
    assert end.reading is not None
    assert {(one.run, one.slice, one.missing) for one in end.reading.incomplete} == {
        ("nightly-7", "1/2", 49),
        ("other", "", 1),
    }
    assert end.jobs[0].missing == 50


def test_lines_of_one_arrival_count_once_and_the_others_are_told(tmp_path: Path) -> None:
    one, *_ = in_slices(tmp_path, 2)
    copy = tmp_path / "copy"
    copy.write_bytes(one.read_bytes())
    end = read(one, copy)
    assert end.reading is not None
    assert (end.merged.scheduled, end.reading.twice) == (50, 50)


def test_slices_of_different_divisions_are_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    halves, quarters = in_slices(tmp_path, 2), in_slices(tmp_path, 4)
    end = read(halves[0], quarters[1], quarters[3])
    assert end.figures.total["missing"] == 0
    assert "the files are of slices of different divisions of one run" in caplog.text


def test_failures_of_a_slice_are_an_outage_while_another_stood_still(path: Path) -> None:
    failures = [at(30 + n, seq=n, outcome="failed", error="refused", code=None) for n in range(20)]
    one = Standstill(SECOND // 2, 50 * SECOND, 0, "the disk")
    for slice_, outages in (("0/2", 0), ("1/2", 1)):
        path.write_bytes(
            b"".join(result_lines(failures, "r1", 0, "0/2"))
            + standstill_line(one, "r1", 0, {}, slice_)
        )
        assert len(figures(read(path))["outages"]) == outages


def test_standard_input_may_be_a_pipe() -> None:
    out, into = (os.fdopen(fd, mode) for fd, mode in zip(os.pipe(), ("rb", "wb")))
    with into:
        into.write(written([at(2), at(1, seq=1)]))
    with out:
        end = summarize_results(["-"], cast("BinaryIO", out), NOTHING, Choice())
    assert (end.started, end.merged.scheduled) == (SECOND, 2)


# --- what is said


def test_lines_that_are_left_out_are_named_and_counted(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(written([at(1)]) + b"hello\n" * 12 + written([at(2, seq=1)]) + b'{"run":"r')
    end = read(path)
    said = [record.getMessage() for record in caplog.records]
    fields = [cast("Any", record).fields for record in caplog.records]
    assert said[0] == "a line is no result: it is left out"
    assert fields[0] == {"detail": f"{path}:2: it is not JSON"}
    assert (said[10], fields[10]["lines"]) == ("further lines are no results: they are left out", 2)
    assert said[11] == "the last line is cut off: it is left out"
    assert fields[11] == {"file": str(path), "line": 15, "bytes": 9}
    assert figures(end)["lines_left_out"] == 13
    assert "13 lines left out" in shown(end)


def test_a_job_that_left_no_result_is_reported_and_not_judged(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(written([at(1)]))
    end = read(path, plan=Plan("", (job(name="gone", limits=limits("ok > 1")), job())))
    assert [one.job.name for one in end.jobs] == ["orders"]
    assert "no result is of this job" in caplog.text


def test_a_job_that_is_not_configured_has_no_target_and_no_address(path: Path) -> None:
    path.write_bytes(written([at(1), at(2, seq=1), dropped(due=3 * SECOND, seq=2)]))
    text = shown(read(path))
    assert "target" not in text
    assert "http" not in text
    assert "1 arrival was dropped, as too many transfers were in flight (max_in_flight)" in (
        " ".join(text.split())
    )


def test_a_job_without_a_line_passes_no_threshold_on_missing_arrivals(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(written([at(0.0)]))
    known = job()
    for of_job, of_total in (("missing == 0",), ()), ((), ("missing == 0",)):
        caplog.clear()
        lost = job(name="lost", limits=limits(*of_job))
        end = read(path, plan=Plan("r1", (known, lost), limits=limits(*of_total)))
        assert [one.name for one in end.jobs] == ["orders", "lost"]
        assert [(one.found, one.ok) for one in end.crossed] == [(None, False)]
        assert "it is not judged" not in caplog.text


def test_a_file_that_holds_no_result_or_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(StartError, match=r"there is no result in .*empty$"):
        read(tmp_path / "empty")
    with pytest.raises(StartError, match=r"nowhere cannot be read: No such file"):
        read(tmp_path / "nowhere")
    with pytest.raises(StartError, match=r"cannot be read: Is a directory"):
        read(tmp_path)


def test_more_jobs_or_runs_than_can_be_true_are_refused(path: Path) -> None:
    path.write_bytes(b"".join(written([at(1, job=f"j{n}")]) for n in range(10_001)))
    with pytest.raises(StartError, match="too many jobs; --job takes one of them"):
        read(path)


@given(
    st.lists(
        st.binary(max_size=40)
        | st.sampled_from(
            [
                written([at(1)]),
                written([dropped(due=0)], "r2"),
                written([at(3, start=None)]),
                written([at(2, job="\udcff\x1b[31m", error="dns", detail="\r\n")])[:-1],
                written([at(5e10)]),
                written([at(5, end=0, start=99 * SECOND, outcome="cancelled")]),
                written([at(1)])[:-20],
            ]
        )
    ).map(b"".join)
)
@example(b"")
def test_any_bytes_are_summed_up_or_refused_in_a_word(content: bytes) -> None:
    plan = Plan("", (job(rate=Fraction(1), limits=limits("response_time p95 < 1s")),))
    for using in (NOTHING, plan):
        try:
            end = summarize_results(["-"], io.BytesIO(content), using, Choice())
        except StartError as error:
            assert "there is no result in -" in str(error)  # noqa: PT017 - or all is well
            return
        summary = figures(end)
        total = summary["total"]
        assert total["scheduled"] == end.merged.scheduled > 0
        assert "\x1b" not in shown(end)


def test_transfers_are_counted_by_address_again(path: Path) -> None:
    near = Peer("192.0.2.1:443", 40_000, reused=False)
    far = Peer("[2001:db8::1]:443", 40_001, reused=True)
    path.write_bytes(
        written(
            [
                at(1, peer=near),
                at(2, seq=1, peer=far),
                at(3, seq=2, peer=near),
                at(4, seq=3),
            ]
        )
    )
    assert read(path).figures.total["addresses"] == {"192.0.2.1": 2, "2001:db8::1": 1}
