"""Load mode from the command line to what lies at real servers."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import free_port, need
from tests.servers.nginx import Nginx, nginx
from tests.servers.sshd import Sshd
from tests.waiting import until, until_written

from .program import cut, end, figures, fthg, results, start

AD_HOC = ["--url", "http://h/", "--rate", "1/s", "--files", "files"]
STATS = ("min", "mean", "p50", "p90", "p95", "p99", "max")
SECONDS = int(os.environ.get("FTHG_TEST_SECONDS", "6"))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Twelve files of sizes from none to a few blocks."""
    directory = tmp_path / "files"
    directory.mkdir()
    dice = random.Random(7)
    for number in range(12):
        name = f"order {number} ü.xml"
        (directory / name).write_bytes(dice.randbytes([0, 1, 1000, 70_000][number % 4]))
    return directory


@contextmanager
def silent_server() -> Iterator[str]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1000)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/up"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_results_summary_log_and_files_at_two_servers_agree_to_the_last_one(
    tmp_path: Path, files: Path, web: Nginx, ssh: Sshd
) -> None:
    (tmp_path / "jobs.yaml").write_text(f"""
run: {{duration: {SECONDS}s, results: results.jsonl, summary: summary.json}}
logging: {{level: info, file: fthg.log}}
defaults: {{files: {files}}}
jobs:
  web:
    url: "{web.url}/web/{{uuid}}"
    method: PUT
    rate: 50/s
  ssh:
    url: "{ssh.url()}"
    key: {ssh.key}
    known_hosts: {ssh.known_hosts}
    remote_name: "{{uuid}}"
    rate: 20/s
  busy:
    url: "{web.url}/busy/{{uuid}}"
    method: PUT
    model: closed
    senders: 4
    rate: max
""")
    done = fthg("-c", "jobs.yaml", cwd=tmp_path)
    assert done.status == 0, done.err

    lines = results(tmp_path / "results.jsonl")
    summary = figures(tmp_path / "summary.json")
    assert Counter(line["outcome"] for line in lines) == {"ok": len(lines)}
    sent = Counter(line["job"] for line in lines)
    assert (sent["web"], sent["ssh"]) == (50 * SECONDS, 20 * SECONDS)
    assert {name: job["ok"] for name, job in summary["jobs"].items()} == sent
    assert summary["total"]["bytes"] == sum(line["bytes"] for line in lines)

    wanted = {path.name: digest(path.read_bytes()) for path in files.iterdir()}
    arrived = [*(web.directory / "files").rglob("*"), *ssh.root.iterdir()]
    stored = {path.name: digest(path.read_bytes()) for path in arrived if path.is_file()}
    assert stored == {line["uuid"]: wanted[line["file"]] for line in lines}
    for name in ("web", "busy"):
        assert len(web.log(f"/{name}/", sent[name])) == sent[name]
    logged = (tmp_path / "fthg.log").read_text().splitlines()
    assert sum("uuid=" in line for line in logged) == len(lines)


def test_a_server_that_hangs_makes_drops_and_disturbs_no_other_job(
    tmp_path: Path, files: Path, web: Nginx
) -> None:
    with silent_server() as url:
        (tmp_path / "jobs.yaml").write_text(f"""
run: {{duration: 4s, graceful_stop: 1s, results: results.jsonl, summary: summary.json}}
defaults: {{files: {files}, rate: 20/s}}
jobs:
  hangs: {{url: "{url}", max_in_flight: 25}}
  beside: {{url: "{web.url}/beside/{{uuid}}", method: PUT}}
""")
        done = fthg("-c", "jobs.yaml", cwd=tmp_path)
    assert done.status == 0, done.err
    jobs = figures(tmp_path / "summary.json")["jobs"]
    assert (jobs["hangs"]["cancelled"], jobs["hangs"]["dropped"]) == (25, 55)
    assert jobs["beside"]["ok"] == 80
    # The machine may be busy; a job that was held up would be late by seconds.
    assert jobs["beside"]["lateness"]["p95"] < 1
    dropped = [line for line in results(tmp_path / "results.jsonl") if line["outcome"] == "dropped"]
    assert all(line["start"] is None and line["file"] for line in dropped)


def test_a_name_that_cannot_be_resolved_disturbs_no_other_job(
    tmp_path: Path, files: Path, web: Nginx
) -> None:
    (tmp_path / "jobs.yaml").write_text(f"""
run: {{duration: 2s, graceful_stop: 0s, summary: summary.json}}
defaults: {{files: {files}, rate: 20/s, connect_timeout: 500ms}}
jobs:
  nowhere: {{url: "http://no-such-host.invalid/up"}}
  beside: {{url: "{web.url}/beside/{{uuid}}", method: PUT}}
""")
    assert fthg("-c", "jobs.yaml", cwd=tmp_path).status == 0
    jobs = figures(tmp_path / "summary.json")["jobs"]
    assert jobs["beside"]["ok"] == 40
    assert jobs["nowhere"]["ok"] == 0
    assert set(jobs["nowhere"]["errors"]) <= {"dns", "connect_timeout"}


def test_a_server_that_goes_and_comes_back_is_a_finding_and_not_an_end(
    tmp_path: Path, files: Path
) -> None:
    web_dir = tmp_path / "web"
    words = ["--files", str(files), "--rate", "20/s", "--duration", "6s", "-X", "PUT"]
    with nginx(web_dir) as server:
        url, port = server.url, server.port
        process = start(
            "--url", f"{url}/{{uuid}}", *words, "--results", "r.jsonl", cwd=tmp_path
        )  # fmt: skip
        until(lambda: (tmp_path / "r.jsonl").exists() and (tmp_path / "r.jsonl").stat().st_size > 0)
        time.sleep(1)
    time.sleep(1.5)
    config, log = str(web_dir / "nginx.conf"), str(web_dir / "error.log")
    again = subprocess.Popen([need("nginx"), "-p", str(web_dir), "-c", config, "-e", log])
    try:
        done = end(process)
    finally:
        again.terminate()
        again.wait(10)
    assert done.status == 0, done.err
    lines = results(tmp_path / "r.jsonl")
    assert len(lines) == 120
    outcomes = [line["outcome"] for line in sorted(lines, key=lambda line: line["seq"])]
    assert outcomes[0] == outcomes[-1] == "ok"
    assert "failed" in outcomes
    assert {line["error"] for line in lines} <= {None, "refused", "reset"}
    stored = {path.name for path in (web_dir / "files").iterdir()}
    assert {line["uuid"] for line in lines if line["outcome"] == "ok"} <= stored
    assert port


def test_one_signal_drains_and_the_figures_are_printed(
    tmp_path: Path, files: Path, web: Nginx
) -> None:
    process = start(
        "--url", f"{web.url}/sig/{{uuid}}", "-X", "PUT", "--files", str(files), "--rate", "50/s",
        "--results", "r.jsonl", cwd=tmp_path,
    )  # fmt: skip
    until_written(tmp_path / "r.jsonl")
    process.send_signal(signal.SIGTERM)
    done = end(process)
    assert done.status == 0, done.err
    assert "stopped by SIGTERM" in done.out
    assert {line["outcome"] for line in results(tmp_path / "r.jsonl")} == {"ok"}


def test_a_second_signal_cuts_and_every_transfer_still_has_its_result(
    tmp_path: Path, files: Path
) -> None:
    with silent_server() as url:
        process = start(
            "--url", url, "--files", str(files), "--rate", "50/s", "--results", "r.jsonl",
            "--summary", "s.json", cwd=tmp_path,
        )  # fmt: skip
        until((tmp_path / "r.jsonl").exists)
        time.sleep(1)
        done, _ = cut(process, timeout=15)
    assert done.status == 130, done.err
    lines = results(tmp_path / "r.jsonl")
    assert lines
    assert {line["outcome"] for line in lines} == {"cancelled"}
    assert sorted(line["seq"] for line in lines) == list(range(len(lines)))
    assert figures(tmp_path / "s.json")["total"]["cancelled"] == len(lines)


def test_hangup_reopens_files_after_logrotate_and_usr1_prints_figures(
    tmp_path: Path, files: Path, web: Nginx
) -> None:
    process = start(
        "--url", f"{web.url}/hup/{{uuid}}", "-X", "PUT", "--files", str(files), "--rate", "50/s",
        "--results", "r.jsonl", "--log-file", "f.log", "-v", cwd=tmp_path,
    )  # fmt: skip
    until_written(tmp_path / "r.jsonl")
    for name in ("r.jsonl", "f.log"):
        (tmp_path / name).rename(tmp_path / f"{name}.1")
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGUSR1)
    until_written(tmp_path / "r.jsonl")
    process.send_signal(signal.SIGTERM)
    done = end(process)
    assert done.status == 0, done.err
    both = results(tmp_path / "r.jsonl.1") + results(tmp_path / "r.jsonl")
    assert sorted(line["seq"] for line in both) == list(range(len(both)))
    assert (tmp_path / "f.log").stat().st_size > 0
    assert done.err.count("scheduled") == 1
    assert "still running" in done.err
    assert "as planned" not in done.err


def test_a_dead_port_crosses_a_limit_on_response_times_and_has_times_of_failures(
    tmp_path: Path, files: Path
) -> None:
    done = fthg(
        "--url", "http://127.0.0.1:1/", "--files", str(files), "--rate", "10/s", "--count", "5",
        "--set", "jobs.cli.thresholds=[response_time p95 < 2s, response_time_failed p95 < 1m]",
        "--summary", "s.json", cwd=tmp_path,
    )  # fmt: skip
    assert done.status == 99
    assert "✗ response_time p95 < 2s         no data" in done.out
    total = figures(tmp_path / "s.json")["total"]
    assert (total["failed"], total["errors"]) == (5, {"refused": 5})
    assert total["response_time"] == {"count": 0, **dict.fromkeys(STATS)}
    assert total["response_time_failed"]["count"] == 5
    assert "connecting" in total["phases_failed"]
    assert total["phases"] == {}
    assert [one["response_time_p95"] for one in total["series"]] == [None] * len(total["series"])


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "no configuration"),
        (["-c", "missing.yaml"], 2, "missing.yaml"),
        ([*AD_HOC, "--files", "empty"], 3, "holds no file"),
        ([*AD_HOC, "--files", "missing"], 3, "cannot be read"),
        ([*AD_HOC, "--results", "no/r"], 3, "no/r"),
        ([*AD_HOC, "--summary", "no/s"], 3, "no/s"),
        ([*AD_HOC, "--log-file", "no/l"], 3, "no/l"),
        ([*AD_HOC, "--url", "sftp://h/", "--key", "nokey"], 3, "nokey"),
        ([*AD_HOC, "--rate", "max"], 2, "max needs model: closed"),
    ],
)
def test_what_cannot_start_is_one_clear_message_and_no_traceback(
    tmp_path: Path, files: Path, words: list[str], status: int, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    done = fthg(*words, cwd=tmp_path)
    assert (done.status, done.out) == (status, ""), done.err
    assert said in done.err
    assert "Traceback" not in done.err


def test_the_sample_is_right_and_sends_nothing(tmp_path: Path) -> None:
    (tmp_path / "jobs.yaml").write_text(fthg("--sample-config", cwd=tmp_path).out)
    done = fthg("-c", "jobs.yaml", cwd=tmp_path)
    assert done.status == 2
    assert "no job is enabled in jobs.yaml" in done.err


def test_a_crossed_threshold_is_status_99_and_may_end_the_run(tmp_path: Path, files: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    words = ["--url", url, "--files", str(files), "--rate", "10/s", "--duration", "1m"]
    done = fthg(
        *words, "--set", "jobs.cli.thresholds={limits: [failed < 1%], abort: true}", cwd=tmp_path
    )
    assert done.status == 99, done.err
    assert "✗" in done.out
    assert "threshold crossed: failed < 1%" in done.out
    quiet = fthg(
        *words, "-qq", "--count", "3", "--set", "jobs.cli.thresholds=ok == 3", cwd=tmp_path
    )
    assert (quiet.status, quiet.out) == (99, "")
    assert "fthg: threshold failed: ok == 3, found 0" in quiet.err
    kept = fthg(*words, "--count", "3", "--set", "jobs.cli.thresholds=dropped == 0", cwd=tmp_path)
    assert kept.status == 0, kept.err


def test_a_check_prints_the_plan_and_touches_no_server(tmp_path: Path, files: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        listener.settimeout(0.2)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        done = fthg(
            "--url", url, "--files", str(files), "--rate", "7/hour", "--duration", "1d", "--check",
            cwd=tmp_path,
        )  # fmt: skip
        with pytest.raises(socket.timeout):
            listener.accept()
    assert done.status == 0, done.err
    assert "168 files" in done.out
    assert "12 files" in done.out


def test_results_on_standard_output_stand_there_alone(
    tmp_path: Path, files: Path, web: Nginx
) -> None:
    done = fthg(
        "--url", f"{web.url}/out/{{uuid}}", "-X", "PUT", "--files", str(files), "--rate", "50/s",
        "--count", "9", "--results", "-", cwd=tmp_path,
    )  # fmt: skip
    (tmp_path / "out.jsonl").write_text(done.out)
    assert len(results(tmp_path / "out.jsonl")) == 9
    assert "scheduled" in done.err


@pytest.mark.parametrize(("quiet", "out", "err"), [("-q", True, False), ("-qq", False, False)])
def test_quiet_leaves_out_the_progress_and_then_the_summary(
    tmp_path: Path, files: Path, web: Nginx, quiet: str, out: bool, err: bool
) -> None:
    done = fthg(
        "--url", f"{web.url}/q/{{uuid}}", "-X", "PUT", "--files", str(files), "--rate", "50/s",
        "--count", "3", quiet, cwd=tmp_path,
    )  # fmt: skip
    assert (done.status, bool(done.out), bool(done.err)) == (0, out, err)


def test_a_rotation_that_comes_before_the_run_does_it_no_harm(
    tmp_path: Path, files: Path, web: Nginx
) -> None:
    process = start(
        "--url", f"{web.url}/early/{{uuid}}", "-X", "PUT", "--files", str(files),
        "--rate", "50/s", "--count", "10", cwd=tmp_path,
    )  # fmt: skip
    until(lambda: _is_provided_for(process.pid, signal.SIGUSR1))  # the last one
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGUSR1)
    assert end(process).status == 0


def _is_provided_for(pid: int, number: signal.Signals) -> bool:
    """True if the process ignores or catches the signal: see proc(5)."""
    lines = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return bool((int(lines["SigIgn"], 16) | int(lines["SigCgt"], 16)) >> (number - 1) & 1)
