"""Terminals and pipes that nobody reads, that are paused, full, closed or gone."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gevent import monkey

from tests.servers import free_port
from tests.servers.nginx import Nginx
from tests.waiting import send, until_written

from .program import ENVIRONMENT, figures, results

PAUSED = 3.0
RATE, SECONDS = 100, 5

_close = monkey.get_original("os", "close")  # gevent's leaves it to the loop


class Shell:
    """A pseudo terminal with fthg on it."""

    def __init__(self, directory: Path, *words: str, **streams: Any) -> None:
        """Start it; `streams` lead elsewhere than to the terminal."""
        self.master, self._slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fthg", "-c", "jobs.yaml", *words],
            **{"stdin": self._slave, "stdout": self._slave, "stderr": self._slave, **streams},
            cwd=directory,
            env={**ENVIRONMENT, "TERM": "xterm", "COLUMNS": "80"},
            start_new_session=True,
        )
        self.shown = b""

    def read(self, seconds: float, until: bytes = b"") -> None:
        """Read for some seconds, or until a text is shown, or it has ended."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit and not (until and until in self.shown):
            ready, _, _ = select.select([self.master], [], [], 0.05)
            if ready:
                self.shown += os.read(self.master, 65536)
            elif self.process.poll() is not None:
                return

    def pause(self) -> None:
        """Do what Ctrl-S does."""
        termios.tcflow(self._slave, termios.TCOOFF)

    def resume(self) -> None:
        """Do what Ctrl-Q does."""
        termios.tcflow(self._slave, termios.TCOON)

    def hang_up(self) -> None:
        """Let it be gone."""
        _close(self.master)
        self.master = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for fd in (self.master, self._slave):
            if fd >= 0:
                _close(fd)


@contextmanager
def shell(directory: Path, *words: str, **streams: Any) -> Iterator[Shell]:
    made = Shell(directory, *words, **streams)
    try:
        yield made
    finally:
        made.close()


def configure(directory: Path, url: str, *, jobs: int = 1, run: str = "", **keys: object) -> None:
    (directory / "file").write_bytes(b"content\n" * 100)
    text = ", ".join(f"{name}: {value}" for name, value in keys.items())
    (directory / "jobs.yaml").write_text(
        f"run: {{results: r.jsonl, summary: s.json, {run}}}\n"
        f'defaults: {{url: "{url}", files: file, {text}}}\n'
        f"jobs:\n" + "".join(f"  job{number}: {{}}\n" for number in range(jobs))
    )


@pytest.fixture
def nobody(tmp_path: Path) -> Path:
    """A configuration that sends two files to nobody."""
    configure(tmp_path, f"http://127.0.0.1:{free_port()}/", rate="50/s", count=2)
    return tmp_path


def check_that_nothing_was_held_up(directory: Path, web: Nginx, name: str) -> None:
    """All was sent at the rate, and the books equal what is at the server."""
    lines = results(directory / "r.jsonl")
    total = figures(directory / "s.json")["total"]
    assert Counter(line["outcome"] for line in lines) == {"ok": RATE * SECONDS}
    assert total["ok"] == total["scheduled"] == RATE * SECONDS
    assert max(line["start"] - line["due"] for line in lines) < 1
    begun = min(line["due"] for line in lines)
    starts = Counter(int(line["start"] - begun) for line in lines)
    assert max(starts.values()) < 2 * RATE
    stored = web.directory / "files" / name
    assert {path.name for path in stored.iterdir()} == {line["uuid"] for line in lines}
    assert len(web.log(f"/{name}/", RATE * SECONDS)) == RATE * SECONDS


@pytest.mark.parametrize("workers", [1, 2])
def test_a_paused_terminal_delays_no_transfer(tmp_path: Path, web: Nginx, workers: int) -> None:
    name = f"paused{workers}"
    configure(
        tmp_path, f"{web.url}/{name}/{{uuid}}", run=f"workers: {workers}",
        method="PUT", rate=f"{RATE}/s", count=RATE * SECONDS,
    )  # fmt: skip
    with shell(tmp_path, "-vvv") as terminal:
        terminal.read(20, until=b"progress")
        terminal.pause()
        time.sleep(PAUSED)
        terminal.resume()
        terminal.read(60)
        assert terminal.process.wait(10) == 0
    shown = re.sub(r"\x1b\[\d*m", "", terminal.shown.decode())
    check_that_nothing_was_held_up(tmp_path, web, name)
    assert "scheduled........: 500" in shown
    assert "handlers" not in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1
    summary = figures(tmp_path / "s.json")
    assert (summary["standstills"], summary["outages"]) == ([], [])


def test_standard_error_that_nobody_reads_delays_no_transfer(tmp_path: Path, web: Nginx) -> None:
    configure(
        tmp_path, f"{web.url}/unread/{{uuid}}",
        method="PUT", rate=f"{RATE}/s", count=RATE * SECONDS,
    )  # fmt: skip
    with shell(tmp_path, "-vvv", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as unread:
        assert unread.process.wait(60) == 0
        assert unread.process.stdout
        assert b"scheduled........: 500" in unread.process.stdout.read()
    check_that_nothing_was_held_up(tmp_path, web, "unread")


def test_lost_lines_are_counted_when_the_terminal_goes_on(tmp_path: Path, web: Nginx) -> None:
    configure(
        tmp_path, f"{web.url}/lost/{{uuid}}",
        method="PUT", rate="100/s", count=600, headers=f"{{X-Long: {'x' * 6000}}}",
    )  # fmt: skip
    with shell(tmp_path, "-vvv", "--log-file", "log") as terminal:
        terminal.read(20, until=b"progress")
        terminal.pause()
        time.sleep(PAUSED)
        terminal.resume()
        terminal.read(60)
        assert terminal.process.wait(10) == 0
    assert figures(tmp_path / "s.json")["total"]["ok"] == 600
    (lost,) = re.findall(rb"log lines were lost  where=console lost=(\d+)", terminal.shown)
    log = (tmp_path / "log").read_bytes()
    assert re.findall(rb"log lines were lost.* lost=(\d+)", log) == [lost]
    shown = re.findall(rb"\d\d:\d\d:\d\d\.\d{3}.{1,20}(?:TRACE|DEBUG|INFO|WARN)", terminal.shown)
    assert log.count(b"\n") == len(shown) + int(lost)


@pytest.mark.parametrize("words", ["-q", "-vv"])
def test_a_terminal_that_stays_paused_is_waited_for_two_seconds_at_the_end(
    nobody: Path, words: str
) -> None:
    with shell(nobody, words) as terminal:
        terminal.pause()
        began = time.monotonic()
        assert terminal.process.wait(20) == 0
        assert time.monotonic() - began > 1.5
    assert figures(nobody / "s.json")["total"]["failed"] == 2


def test_a_terminal_that_is_gone_is_logged_once_and_the_run_goes_on(
    tmp_path: Path, web: Nginx
) -> None:
    configure(tmp_path, f"{web.url}/gone/{{uuid}}", method="PUT", rate="50/s", count=250)
    with shell(tmp_path, "-v", "--log-file", "log") as terminal:
        terminal.read(20, until=b"progress")
        terminal.hang_up()
        assert terminal.process.wait(30) == 0
    lines = (tmp_path / "log").read_text().splitlines()
    (gone,) = [line for line in lines if "the terminal is gone" in line]
    assert f'pid={terminal.process.pid} stop="kill -TERM {terminal.process.pid}"' in gone
    assert figures(tmp_path / "s.json")["total"]["ok"] == 250
    assert len(web.log("/gone/", 250)) == 250


@pytest.mark.parametrize(
    "streams",
    [
        "| true", "> /dev/full", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2> /dev/full",
        "2>&1 | true", "2>&1 > /dev/full", "2>&1 > /dev/full | head -1",
    ],
)  # fmt: skip
def test_what_becomes_of_the_terminal_changes_neither_files_nor_status(
    nobody: Path, streams: str
) -> None:
    command = f"{sys.executable} -m fthg -c jobs.yaml -v --log-file log {streams}"
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        cwd=nobody, env=ENVIRONMENT, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    assert figures(nobody / "s.json")["total"]["failed"] == 2
    assert [line["seq"] for line in results(nobody / "r.jsonl")] == [0, 1]
    assert (nobody / "log").read_text().count("kind=refused") == 2


@pytest.fixture
def long_summary(tmp_path: Path) -> Path:
    """A configuration of so many jobs that no pipe holds their summary."""
    url = f"http://127.0.0.1:{free_port()}/"
    configure(tmp_path, url, jobs=90, rate="50/s", count=1)
    return tmp_path


def reading(directory: Path, act: Callable[[subprocess.Popen[bytes]], bytes]) -> Any:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with shell(directory, "-v", **streams) as piped:
        until_written(directory / "s.json")
        assert piped.process.poll() is None
        text = act(piped.process)
        return piped.process.wait(10), text


def test_whoever_pages_through_the_summary_has_all_of_it_and_the_files_before(
    long_summary: Path,
) -> None:
    def page(process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout
        time.sleep(4)
        assert process.poll() is None
        return process.stdout.read()

    status, text = reading(long_summary, page)
    assert status == 0
    assert len(text) > 65536
    assert text.count(b"scheduled........:") == 90
    assert text.endswith(b"\n\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_wait_for_a_pager(long_summary: Path, number: signal.Signals) -> None:
    def interrupt(process: subprocess.Popen[bytes]) -> bytes:
        time.sleep(2.5)
        process.send_signal(number)
        process.wait(5)
        return b""

    assert reading(long_summary, interrupt) == (0, b"")


@pytest.mark.parametrize("paused", [True, False])
def test_two_signals_end_a_run_whose_terminal_hangs(
    tmp_path: Path, web: Nginx, paused: bool
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(100)
        silent_url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        configure(tmp_path, f"{web.url}/cut{paused}/{{uuid}}", method="PUT", rate="100/s")
        with (tmp_path / "jobs.yaml").open("a") as file:
            file.write(f"  hangs: {{url: '{silent_url}', rate: 1/s}}\n")
        streams = {} if paused else {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with shell(tmp_path, "-vvv", **streams) as terminal:
            until_written(tmp_path / "r.jsonl")
            if paused:
                terminal.pause()
            time.sleep(3)
            began = time.monotonic()
            for _ in range(2):
                send(terminal.process, signal.SIGINT)
                time.sleep(0.3)
            assert terminal.process.wait(20) == 130
            assert time.monotonic() - began < 5
    jobs = figures(tmp_path / "s.json")["jobs"]
    assert jobs["hangs"]["cancelled"] == jobs["hangs"]["scheduled"] > 0
    uuids: dict[str, set[str]] = {"ok": set(), "cancelled": set()}
    for line in results(tmp_path / "r.jsonl"):
        if line["job"] == "job0":
            uuids[line["outcome"]].add(line["uuid"])
    assert jobs["job0"]["ok"] == len(uuids["ok"])
    stored = {path.name for path in (web.directory / "files" / f"cut{paused}").iterdir()}
    # Of some that were cut the answer was on its way.
    assert uuids["ok"] <= stored <= uuids["ok"] | uuids["cancelled"]


def closed_pipe(directory: Path, *words: str, stream: str = "stderr") -> int:
    read, write = os.pipe()
    _close(read)
    done = subprocess.run(
        [sys.executable, "-m", "fthg", *words],
        cwd=directory, env=ENVIRONMENT, timeout=60, check=False,
        stdout=write if stream == "stdout" else subprocess.PIPE,
        stderr=write if stream == "stderr" else subprocess.PIPE,
    )  # fmt: skip
    _close(write)
    assert b"Traceback" not in (done.stderr or b"")
    assert b"BrokenPipe" not in (done.stderr or b"")
    return done.returncode


@pytest.mark.parametrize(
    ("words", "stream", "status"),
    [
        ("-c broken.yaml", "stderr", 2),
        ("-c missing.yaml", "stderr", 2),
        ("--no-such-option", "stderr", 2),
        ("-c jobs.yaml --check", "stdout", 0),
        ("-c jobs.yaml --show-config", "stdout", 0),
        ("--sample-config", "stdout", 0),
        ("--help", "stdout", 0),
    ],
)
def test_what_is_printed_at_once_into_a_closed_pipe_changes_no_status(
    nobody: Path, words: str, stream: str, status: int
) -> None:
    (nobody / "broken.yaml").write_text("jobs: {a: {rate: often}}")
    assert closed_pipe(nobody, *words.split(), stream=stream) == status


@pytest.mark.parametrize("to", ["> /dev/full", ">&-"])
def test_a_configuration_that_cannot_be_shown_is_status_3(nobody: Path, to: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m fthg -c jobs.yaml --show-config {to}"],
        cwd=nobody, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.startswith("fthg: standard output cannot be written: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("key", ["results", "summary"])
def test_results_or_a_summary_for_a_closed_standard_output_are_status_3(
    nobody: Path, key: str
) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m fthg -c jobs.yaml --{key} - >&-"],
        cwd=nobody, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (3, False), done.stderr


NO_THREADS = """
import _thread, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))
_thread.stack_size(1 << 41)
from fthg.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_without_threads_nothing_is_sent(nobody: Path, workers: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_THREADS, "-c", "jobs.yaml", "--workers", workers],
        cwd=nobody, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "fthg: jobs.job0: no thread can be started for " in done.stderr
    if workers == "1":
        assert len(done.stderr.splitlines()) == 1
