"""Signals at every moment of a run, also while its loop has no turn."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from select import select

import pytest

from tests.servers.nginx import Nginx

from . import frozen
from .program import Ended, end, figures, results, start

PROMISE = 5.0  # seconds after the second signal
INT, TERM = signal.SIGINT, signal.SIGTERM


def until(process: subprocess.Popen[str], true: Callable[[], bool]) -> None:
    """Wait for something that a process does."""
    limit = time.monotonic() + 30
    while not true():
        if time.monotonic() > limit:
            process.kill()
            raise AssertionError("it did not come about")
        time.sleep(0.02)


def freeze(process: subprocess.Popen[str], directory: Path) -> None:
    """Freeze its loop now."""
    (directory / "freeze").touch()
    until(process, (directory / "frozen").exists)


def signalled(
    process: subprocess.Popen[str], *numbers: signal.Signals, between: float = 0.3
) -> tuple[Ended, float]:
    """Send signals; return what it left, and the seconds from the last one to its end."""
    for index, number in enumerate(numbers):
        time.sleep(between if index else 0)
        process.send_signal(number)
    began = time.monotonic()
    done = end(process, 30)
    return done, time.monotonic() - began


@pytest.fixture
def words(tmp_path: Path, web: Nginx) -> Sequence[str]:
    """Fifty files a second, without an end."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a").write_bytes(b"a" * 1000)
    url = f"{web.url}/{tmp_path.name}/{{seq}}"
    return [
        *("--url", url, "-X", "PUT", "--files", "files", "--rate", "50/s", "-q"),
        *("--results", "r.jsonl", "--summary", "s.json", "--log-file", "f.log"),
    ]


def assert_even_books(directory: Path, web: Nginx, cancelled: int) -> None:
    """Twenty were stored; every arrival has one line, and is counted once."""
    lines = results(directory / "r.jsonl")
    assert Counter(line["outcome"] for line in lines) == {"ok": 20, "cancelled": cancelled}
    assert sorted(line["seq"] for line in lines) == list(range(20 + cancelled))
    total = figures(directory / "s.json")["total"]
    assert (total["ok"], total["failed"], total["cancelled"]) == (20, 0, cancelled)
    assert total["scheduled"] == total["sent"] == len(lines)
    assert len(list((web.directory / "files" / directory.name).iterdir())) == 20


@pytest.mark.parametrize(
    ("how", "numbers"), [("loop", (INT, INT)), ("read", (TERM, TERM)), ("loop", (INT, TERM))]
)
def test_two_signals_end_a_run_whose_loop_is_frozen(
    tmp_path: Path, web: Nginx, words: Sequence[str], how: str, numbers: Sequence[signal.Signals]
) -> None:
    process = frozen.start("sender", how, *words, "--count", "31", cwd=tmp_path)
    until(process, (tmp_path / "frozen").exists)
    done, seconds = signalled(process, *numbers)
    assert done.status == 130, done.err
    assert seconds < PROMISE
    assert "Traceback" not in done.err
    assert_even_books(tmp_path, web, cancelled=11)
    summary = figures(tmp_path / "s.json")
    assert summary["reason"] == f"cut by {numbers[1].name}"
    assert summary["results_lost"] == 0
    (standstill,) = summary["standstills"]
    assert standstill["seconds"] > 3
    assert "fthg stood still" in (tmp_path / "f.log").read_text()
    assert "ok...............: 20" in done.out


def test_a_frozen_parent_has_all_that_its_workers_did_meanwhile(
    tmp_path: Path, web: Nginx, words: Sequence[str]
) -> None:
    process = frozen.start("parent", "loop", *words, "--workers", "2", cwd=tmp_path)
    stored = web.directory / "files" / tmp_path.name
    until(process, lambda: stored.exists() and len(list(stored.iterdir())) > 90)
    freeze(process, tmp_path)
    before = len(list(stored.iterdir()))
    until(process, lambda: len(list(stored.iterdir())) > before + 70)
    done, seconds = signalled(process, INT, INT)
    assert done.status == 130, done.err
    assert seconds < PROMISE
    lines = results(tmp_path / "r.jsonl")
    total = figures(tmp_path / "s.json")["total"]
    assert total["scheduled"] == len(lines)
    at_server = {int(path.name) for path in stored.iterdir()}
    by_outcome = {
        outcome: {line["seq"] for line in lines if line["outcome"] == outcome}
        for outcome in ("ok", "cancelled")
    }
    assert total["ok"] == len(by_outcome["ok"])
    assert by_outcome["ok"] <= at_server <= by_outcome["ok"] | by_outcome["cancelled"]
    assert total["ok"] > 150


def test_a_storm_of_signals_is_two(tmp_path: Path, web: Nginx, words: Sequence[str]) -> None:
    process = frozen.start("sender", "read", *words, "--count", "31", cwd=tmp_path)
    until(process, (tmp_path / "frozen").exists)
    # Not all at once: the kernel makes one of those that a process has not taken yet.
    done, seconds = signalled(process, *[INT] * 50, between=0.01)
    assert done.status == 130, done.err
    assert seconds < PROMISE
    assert done.err == ""
    assert_even_books(tmp_path, web, cancelled=11)


def test_a_storm_of_signals_cuts_a_healthy_run_at_once(
    tmp_path: Path, words: Sequence[str]
) -> None:
    process = start(*words, cwd=tmp_path)
    until(
        process,
        lambda: (tmp_path / "r.jsonl").exists() and (tmp_path / "r.jsonl").stat().st_size > 0,
    )
    done, seconds = signalled(process, *[INT] * 50, between=0)
    assert done.status in (0, 130), done.err
    assert seconds < 2.5
    assert done.err == ""
    total = figures(tmp_path / "s.json")["total"]
    assert total["scheduled"] == len(results(tmp_path / "r.jsonl"))


def test_an_interrupt_before_the_run_ends_it_at_once(tmp_path: Path, words: Sequence[str]) -> None:
    process = frozen.start("start", "read", *words, cwd=tmp_path)
    until(process, (tmp_path / "frozen").exists)
    done, seconds = signalled(process, INT)
    assert (done.status, done.out, done.err) == (130, "", "")
    assert seconds < 1
    assert not (tmp_path / "s.json").exists()


def test_at_any_moment_of_a_short_run_an_interrupt_does_no_harm(
    tmp_path: Path, words: Sequence[str]
) -> None:
    lines, summary = tmp_path / "r.jsonl", tmp_path / "s.json"
    statuses = []
    for began, delay in (
        *((is_python_started, tenths / 10) for tenths in range(4)),
        *((lambda _: lines.exists(), tenths / 10) for tenths in range(6)),
        (lambda _: summary.exists(), 0.0),
    ):
        process = start(*words, "--count", "20", cwd=tmp_path)
        until(process, lambda: began(process.pid))  # noqa: B023 - at once
        time.sleep(delay)
        done, _ = signalled(process, INT)
        assert (done.status in (0, 130), done.err) == (True, ""), (done.status, delay)
        statuses.append(done.status)
        assert summary.exists() == (done.status == 0)
        if done.status == 0:
            total = figures(summary)["total"]
            assert total["scheduled"] == total["ok"] == len(results(lines))
        for path in (lines, summary):
            path.unlink(missing_ok=True)
    assert (statuses[0], statuses[-1]) == (130, 0)


def is_python_started(pid: int) -> bool:
    """True once it loads gevent: before, an interrupt is Python's own."""
    return "gevent" in Path(f"/proc/{pid}/maps").read_text()


def test_without_threads_for_signals_nothing_is_sent(
    tmp_path: Path, web: Nginx, words: Sequence[str]
) -> None:
    done = end(frozen.start("threads", "", *words, cwd=tmp_path))
    assert done.status == 3
    assert done.err.startswith("fthg: jobs.cli: no thread can be started for ")
    assert done.err.count("\n") == 1
    assert not (web.directory / "files" / tmp_path.name).exists()


def test_an_interrupt_while_the_run_ends_changes_nothing(
    tmp_path: Path, words: Sequence[str]
) -> None:
    process = frozen.start("slow end", "", *words, "--count", "20", cwd=tmp_path)
    until(process, (tmp_path / "ending").exists)
    done, _ = signalled(process, signal.SIGHUP, signal.SIGUSR1, INT, between=0.1)
    assert done.status == 0, done.err
    assert "the run is ending; a second signal leaves it 5 s" in (tmp_path / "f.log").read_text()
    assert figures(tmp_path / "s.json")["reason"] == "as planned"
    assert "ok...............: 20" in done.out


def test_two_interrupts_while_the_run_ends_in_time_change_nothing(
    tmp_path: Path, words: Sequence[str]
) -> None:
    process = frozen.start("slow end", "", *words, "--count", "20", cwd=tmp_path)
    until(process, (tmp_path / "ending").exists)
    done, _ = signalled(process, INT, INT)
    assert done.status == 0, done.err
    assert figures(tmp_path / "s.json")["reason"] == "as planned"


def test_where_the_end_hangs_two_signals_end_it_nevertheless(
    tmp_path: Path, words: Sequence[str]
) -> None:
    process = frozen.start("end", "", *words, "--count", "20", cwd=tmp_path)
    until(process, (tmp_path / "ending").exists)
    done, seconds = signalled(process, INT, INT)
    assert done.status == 130, done.err
    assert seconds < PROMISE
    assert figures(tmp_path / "s.json")["total"]["ok"] == 20
    assert len(results(tmp_path / "r.jsonl")) == 20


@pytest.mark.parametrize("place", ["nowhere", "track"])
def test_two_signals_end_tracking_while_a_query_hangs_or_its_loop_is_frozen(
    tmp_path: Path, place: str
) -> None:
    with socket.socket() as database:
        database.bind(("127.0.0.1", 0))
        database.listen()
        side = f"mysql://ann:p@127.0.0.1:{database.getsockname()[1]}/db"
        (tmp_path / "jobs.yaml").write_text(f"track: {{ingress: '{side}', egress: '{side}'}}\n")
        (tmp_path / "jobs.yaml").chmod(0o600)
        process = frozen.start(
            place, "loop", "--track", "-c", "jobs.yaml", "--from=-1h", "-o", "r.html", cwd=tmp_path
        )
        until(process, lambda: bool(select([database], [], [], 0)[0]))
        with database.accept()[0]:
            if place == "track":
                freeze(process, tmp_path)
            done, seconds = signalled(process, INT, TERM)
    notice = "stopping after this poll: connecting; again to stop at once\n"
    assert (done.status, done.err) == (130, "" if place == "track" else notice)
    assert seconds < PROMISE
    assert not (tmp_path / "r.html").exists()
