from __future__ import annotations

import resource
from pathlib import Path

import pytest

from fthg.errors import HOST_LIMITS
from fthg.load.outputs.bottlenecks import bottlenecks
from fthg.load.outputs.host_limits import (
    UNKNOWN,
    HostLimits,
    current_limits,
    host_limit_findings,
)
from fthg.load.stats.snapshot import Reading

from ..results_of import result
from ..snapshots import job_snapshot, run_snapshot

LIMITS = HostLimits(1024, range(32768, 61000), 4096, 100)


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (
            "descriptors",
            ["ran out of file descriptors for 1,200 transfers", "`ulimit -n` (now 1,024"],
        ),
        ("ports", ["ip_local_port_range is 32768 to 60999, 28,232 ports", "reuse: true"]),
        ("threads", ["`ulimit -u` (now 4,096", "(now 100; systemd: TasksMax=)"]),
    ],
)
def test_a_finding_names_the_limit_and_its_value(kind: str, named: list[str]) -> None:
    (text,) = host_limit_findings({kind: 1200, "refused": 5}, LIMITS)
    assert [part for part in named if part not in text] == []


@pytest.mark.parametrize("kind", sorted(HOST_LIMITS))
def test_what_is_not_known_is_left_out(kind: str) -> None:
    (text,) = host_limit_findings({kind: 1}, UNKNOWN)
    assert "for 1 transfer:" in text
    assert "now" not in text
    assert "None" not in text


def test_other_errors_are_no_limits_of_this_host() -> None:
    assert list(host_limit_findings({"refused": 9, "dns": 1}, LIMITS)) == []


def test_the_summary_of_a_run_names_values_and_that_of_results_files_those_of_no_other_host() -> (
    None
):
    out = result(outcome="failed", error="descriptors", detail="too many open files")
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    (text,) = bottlenecks(run_snapshot(job_snapshot([out])))
    assert f"now {soft:,};" in text
    reading = Reading("r.jsonl", 1, 0, 1.0)
    (text,) = bottlenecks(run_snapshot(job_snapshot([out]), reading=reading))
    assert "now" not in text


@pytest.mark.parametrize(
    ("groups", "file", "content", "tasks"),
    [
        ("0::/unit\n", "unit/pids.max", "100\n", 100),
        ("8:pids:/box\n0::/\n", "pids/box/pids.max", "200\n", 200),
        ("0::/unit\n", "unit/pids.max", "max\n", None),
        ("0::/unit\n", "other", "", None),
    ],
)
def test_the_limits_of_this_process_are_read(
    tmp_path: Path, groups: str, file: str, content: str, tasks: int
) -> None:
    proc = tmp_path / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "self" / "cgroup").write_text(groups)
    (proc / "sys" / "net" / "ipv4").mkdir(parents=True)
    (proc / "sys" / "net" / "ipv4" / "ip_local_port_range").write_text("32768\t60999\n")
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(content)
    found = current_limits(str(proc), str(tmp_path))
    assert (found.ports, found.tasks) == (range(32768, 61000), tasks)


def test_nothing_is_raised_where_nothing_can_be_read(tmp_path: Path) -> None:
    found = current_limits(str(tmp_path), str(tmp_path))
    assert (found.ports, found.tasks) == (None, None)
