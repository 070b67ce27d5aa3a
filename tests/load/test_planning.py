from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg import cli
from fthg.clock import SECOND
from fthg.config import settings
from fthg.errors import ConfigError
from fthg.load.dividing import for_worker
from fthg.load.files.source import Source
from fthg.load.pacing import Poisson, most_senders
from fthg.load.pacing.constant import Constant
from fthg.load.pacing.schedule import Schedule
from fthg.load.plan import Job, Plan
from fthg.load.planning import anchored, make_plan
from fthg.load.url import shown_url
from fthg.program import SECTIONS
from fthg.protocols.options import Options
from fthg.slices import WHOLE, Slice
from fthg.urls import scheme_of
from fthg.writing import Stamp

from .snapshots import pacer, senders, stages

NAMED = st.one_of(st.none(), st.integers(1, 300))


def job(limit: int, connections: Optional[int], protocol: str = "http", named: bool = True) -> Job:
    return Job(
        "job", "http://h", protocol, Source("d"), pacer(Fraction(7, 3), "7/3s"), True, limit, named,
        connections, options=Options(connections=connections or 1),
    )  # fmt: skip


@given(NAMED, NAMED, st.integers(1, 300), st.sampled_from(["http", "sftp"]))
def test_workers_share_named_limits_and_no_arrival_is_lost_or_doubled(
    limit: Optional[int], connections: Optional[int], workers: int, protocol: str
) -> None:
    whole = job(limit or 64, connections, protocol, named=limit is not None)
    plan = Plan("r", (whole,), workers=workers)
    parts = [mine for n in range(workers) for mine in for_worker(plan, Slice(n, workers)).jobs]
    assert len(parts) == min(workers, limit or workers, connections or workers)
    assert sum(part.limit for part in parts) == (limit or max(64, len(parts)))
    assert all(part.limit >= 1 for part in parts)
    if connections:
        assert sum(part.options.connections for part in parts) == connections
        assert all(part.options.connections >= 1 for part in parts)
    else:
        each = [1 if protocol == "sftp" else part.limit for part in parts]
        assert [part.options.connections for part in parts] == each
    assert [part.options.part for part in parts] == list(range(len(parts)))  # of the addresses
    arrivals = sorted(
        arrival for part in parts for arrival in range(part.slice.part, 100, part.slice.of)
    )
    assert arrivals == list(range(100))


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ([], 100),
        (["--max-in-flight", "3"], 3),
        (["--set", "jobs.cli.connections=2"], 2),
        (["--set", "jobs.cli.connections=5", "--max-in-flight", "3"], 3),
        (["--model", "closed"], 1),
        (["--model", "closed", "--senders", "4"], 4),
    ],
)
def test_only_limits_that_are_named_and_senders_divide_a_job(
    tmp_path: Path, words: list[str], parts: int
) -> None:
    start = ["--url", "sftp://u:p@h/", "--files", str(tmp_path), "--rate", "7/hour"]
    read = settings.read(cli.parse([*start, *words]), SECTIONS)
    (made,) = make_plan(read.run, read.jobs, Stamp("r1", "2026-01-31", "140259")).jobs
    assert made.parts(100) == parts


@pytest.mark.parametrize(
    ("rate", "stages_of_senders", "parts"),
    [
        ("10/s for 5m", "5 for 1m, 2 for 1m", 2),
        ("10/s for 5m", "to 5 over 1m", 1),
        ("max for 5m", "5 for 1m, 2 for 1m", 5),
        ("max for 5m, 1/s for 5m", "5 for 1m, 2 for 1m", 2),
        ("max for 5m", "500 for 1m", 8),
    ],
)
def test_where_senders_change_each_part_has_one_whenever_an_arrival_is_due(
    rate: str, stages_of_senders: str, parts: int
) -> None:
    number = senders(stages_of_senders)
    one = Job(
        "j", "", "http", Source("d"), stages(rate), open=False, limit=most_senders(number),
        senders=number,
    )  # fmt: skip
    assert one.parts(8) == parts


def test_a_job_whose_files_come_once_and_when_they_are_old_enough_is_for_one_worker() -> None:
    waiting = replace(job(8, 8), source=Source("d", min_age=1.0, repeat=False))
    plan = Plan("r", (waiting,), workers=3)
    parts = [for_worker(plan, Slice(n, 3)).jobs for n in range(3)]
    assert [len(jobs) for jobs in parts] == [1, 0, 0]
    assert (parts[0][0].slice, parts[0][0].limit) == (WHOLE, 8)


@pytest.mark.parametrize("limit", [1, 2, 3, 64])
def test_many_jobs_are_divided_evenly_between_the_workers(limit: int) -> None:
    jobs = tuple(replace(job(limit, None), name=str(number)) for number in range(300))
    plan = Plan("r", jobs, workers=3)
    workers = [for_worker(plan, Slice(n, 3)).jobs for n in range(3)]
    firsts = [sum(part.slice.part == 0 for part in parts) for parts in workers]
    assert firsts == [100, 100, 100]  # of the first arrivals: with `spread` they come in turn
    for name in map(str, range(300)):
        parts = [part for parts in workers for part in parts if part.name == name]
        assert sorted(part.slice for part in parts) == [
            Slice(n, len(parts)) for n in range(min(limit, 3))
        ]


def test_the_whole_is_a_slice_that_changes_nothing() -> None:
    plan = Plan("r", (job(5, 3),))
    assert for_worker(plan, WHOLE) == plan


def test_slices_together_have_the_due_times_of_the_whole() -> None:
    whole = Schedule(0, pacer(Fraction(7, 3600)))
    assert [whole.due(n) for part in range(3) for n in range(part, 9, 3)] == [
        Schedule(0, pacer(Fraction(7, 3600))).due(n) for n in (0, 3, 6, 1, 4, 7, 2, 5, 8)
    ]


GENERATED = """\
run: {duration: 1m}
jobs:
  a:
    url: http://h/
    rate: 1/s
    files: {generate: {size: 1KiB to 2KiB, name: "order-{seq}.dat", content: text%s}}
    %s
"""


def generating(directory: Path, run: str = "r1", of_generate: str = "", of_job: str = "") -> Source:
    path = directory / "jobs.yaml"
    path.write_text(GENERATED % (of_generate, of_job))
    read = settings.read(cli.parse(["-c", str(path)]), SECTIONS)
    return make_plan(read.run, read.jobs, Stamp(run, "2026-01-31", "140259")).jobs[0].source


def test_a_job_can_make_its_files(tmp_path: Path) -> None:
    made = generating(tmp_path, of_generate=", seed: 7")
    assert (made.files, made.repeat, made.templates) == ("", True, None)
    assert made.generate is not None
    assert str(made.generate) == "generated, 1.0 KiB to 2.0 KiB, text"
    assert made.generate.seed == 7


def test_generated_files_have_the_seed_of_the_job_or_one_of_run_and_job(tmp_path: Path) -> None:
    def seed(run: str, of_job: str = "") -> Optional[int]:
        made = generating(tmp_path, run, of_job=of_job).generate
        return None if made is None else made.seed

    assert seed("r1", "seed: 5") == seed("r2", "seed: 5") == 5
    assert seed("r1") == seed("r1") != seed("r2")


@pytest.mark.parametrize(
    "key",
    ["match: '*.xml'", "exclude: x", "min_age: 1s", "recursive: true", "follow_links: true",
     "order: random", "repeat: once", "template: true"],
)  # fmt: skip
def test_keys_of_directories_are_errors_where_files_are_generated(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        generating(tmp_path, of_job=key)
    name = key.partition(":")[0]
    assert f"jobs.yaml:7:{5 + len(name) + 2}: jobs.a.{name}: files are generated: " in str(
        caught.value
    )


def test_the_directory_of_an_option_wins_over_generated_files(tmp_path: Path) -> None:
    (tmp_path / "jobs.yaml").write_text(GENERATED % ("", ""))
    words = ["-c", str(tmp_path / "jobs.yaml"), "--files", "/elsewhere"]
    read = settings.read(cli.parse(words), SECTIONS)
    (made,) = make_plan(read.run, read.jobs, Stamp("r1", "2026-01-31", "140259")).jobs
    assert (made.source.files, made.source.generate) == ("/elsewhere", None)


@pytest.mark.parametrize(("rate", "paced"), [("max", False), ("7/hour", True)])
def test_only_a_job_with_a_target_rate_is_paced(tmp_path: Path, rate: str, paced: bool) -> None:
    words = ["--url", "sftp://u:p@h/", "--files", str(tmp_path), "--rate", rate]
    read = settings.read(cli.parse([*words, "--model", "closed"]), SECTIONS)
    (made,) = make_plan(read.run, read.jobs, Stamp("r1", "2026-01-31", "140259")).jobs
    assert made.options.paced is paced


def planned(directory: Path, *words: str) -> Job:
    start = ["--url", "sftp://u:p@h/", "--files", str(directory)]
    read = settings.read(cli.parse([*start, *words]), SECTIONS)
    return make_plan(read.run, read.jobs, Stamp("r1", "2026-01-31", "140259")).jobs[0]


POISSON = ("--set", "jobs.cli.arrivals=poisson")


@pytest.mark.parametrize(("words", "seed"), [((), None), (("--set", "jobs.cli.seed=42"), 42)])
def test_random_arrivals_are_those_of_the_seed_or_of_the_run(
    tmp_path: Path, words: tuple[str, ...], seed: Optional[int]
) -> None:
    made = planned(tmp_path, "--rate", "7/hour", *POISSON, *words)
    assert made.pacer == Poisson(Constant(Fraction(7, 3600), "7/hour"), "cli", "r1", seed)


def test_stages_of_senders_need_the_closed_model(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="senders: it has no effect in the open model"):
        planned(tmp_path, "--rate", "5/s", "--senders", "2 for 5m")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--rate", "max"), "rate: max needs model: closed"),
        (("--rate", "5/s for 5m, max for 5m"), "rate: max needs model: closed"),
        (("--rate", "max", "--model", "closed", *POISSON), "arrivals: poisson needs a mean rate"),
        (
            ("--rate", "5/s for 5m, max for 5m", "--model", "closed", *POISSON),
            "arrivals: poisson needs a mean rate, and '5/s for 5m, max for 5m' has none",
        ),
        (
            ("--rate", "max for 5m", "--model", "closed", "--set",
             "jobs.cli.thresholds=achieved_rate > 95%"),
            "thresholds: at the rate max there is no target",
        ),
    ],
)  # fmt: skip
def test_what_needs_a_target_is_an_error_without_one(
    tmp_path: Path, words: tuple[str, ...], error: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, *words)
    assert f"jobs.cli.{error}" in str(caught.value)


def test_each_wrong_stage_is_reported_at_its_own_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text(
        f"jobs:\n  ramp:\n    url: http://h/\n    files: {tmp_path}\n    model: closed\n"
        "    rate:\n      - 10/s for 5m\n      - to max over 5m\n      - 10/s over 5m\n"
        "    senders: [to 5 over 5m, 1.5 for 5m]\n"
    )
    with pytest.raises(ConfigError) as caught:
        settings.read(cli.parse(["-c", str(path)]), SECTIONS)
    places = [line.split(": ")[:2] for line in str(caught.value).splitlines() if ".yaml:" in line]
    assert [[place.strip().rpartition("yaml:")[2], key] for place, key in places] == [
        ["8:9", "jobs.ramp.rate #2"],
        ["9:9", "jobs.ramp.rate #3"],
        ["10:29", "jobs.ramp.senders #2"],
    ]


def test_a_plan_is_anchored_at_the_first_moment_of_each_job() -> None:
    class Shifting(Constant):
        def at(self, utc: int) -> Constant:
            return Constant(Fraction(utc))

    jobs = [
        replace(job(8, 8), pacer=Shifting(Fraction(1)), start_after=after) for after in (0.0, 2.5)
    ]
    made = anchored(Plan("r", tuple(jobs)), 7 * SECOND)
    rates = [job.pacer.rate_at(0) for job in made.jobs]
    assert rates == [7 * SECOND, 9 * SECOND + SECOND // 2]


@pytest.mark.parametrize("results", ["-", "/dev/stdout", "/dev/fd/1"])
def test_several_workers_do_not_share_standard_output(results: str) -> None:
    with pytest.raises(ConfigError, match="several workers need a file, not standard output"):
        make_plan({"workers": 2, "results": results}, {}, Stamp("r1", "2026-01-31", "140259"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ann:geheim@h:8443/up", "https://h:8443/up"),
        ("sftp://ann@h/in", "sftp://h/in"),
        ("http://h/a@b", "http://h/a@b"),
    ],
)
def test_a_url_is_shown_without_user_and_password(url: str, shown: str) -> None:
    assert shown_url(url) == shown
    assert scheme_of(url.upper()) == scheme_of(url)
