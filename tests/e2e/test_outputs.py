"""Outputs that are no plain files, and outputs that would overwrite something."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import free_port
from tests.writing import private_dev

from .program import ENVIRONMENT, end, figures, fthg, results, start

SFTP = "sftp://u@127.0.0.1:1/in"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A configuration that sends two files to nobody."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "one").write_text("1")
    (tmp_path / "one").write_text("1")
    (tmp_path / "jobs.yaml").write_text(f"""
jobs:
  orders:
    url: http://127.0.0.1:{free_port()}/
    files: files
    rate: 50/s
    count: 2
""")
    return tmp_path


def send(here: Path, *words: str) -> tuple[int, str]:
    """Run it with standard output in the file `out`; return the status and standard error."""
    with (here / "out").open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "fthg", "-c", "jobs.yaml", *words],
            cwd=here,
            env=ENVIRONMENT,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            timeout=90,
            check=False,
        )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--results x --summary ./x", "run.summary: ./x is also the file of run.results"),
        ("--results x --log-file x --check", "logging.file: x is also the file of run.results"),
        ("--results - --summary /dev/stdout", "/dev/stdout is also the file of run.results"),
        ("--summary jobs.yaml --check", "jobs.yaml is also read, as the configuration"),
        ("--results link", "run.results: link is also read, as the configuration"),
        ("--results one --set jobs.orders.files=one", "one is also read, as jobs.orders.files"),
        (
            "--summary r --set jobs.orders.auth.bearer.token_file=r",
            "run.summary: r is also read, as jobs.orders.auth",
        ),
        (
            f"--summary r --set jobs.orders.url={SFTP} --set jobs.orders.password_file=r",
            "run.summary: r is also read, as jobs.orders.password_file",
        ),
        (
            f"--results k --set jobs.orders.url={SFTP} --set jobs.orders.certificate=k"
            " --set jobs.orders.agent=true",
            "run.results: k is also read, as jobs.orders.certificate",
        ),
        (
            f"--results k --set jobs.orders.url={SFTP} --set jobs.orders.agent=true"
            " --set jobs.orders.jump.host=u@127.0.0.1 --set jobs.orders.jump.key=k",
            "run.results: k is also read, as jobs.orders.jump.key",
        ),
        (
            f"--results k-cert.pub --set jobs.orders.url={SFTP} --set jobs.orders.key=k",
            "run.results: k-cert.pub is also read, as jobs.orders.certificate",
        ),
        ("--from-results r --summary r", "run.summary: r is also read, as results"),
        ("--from-results - --log-file r", "logging.file: r is also read, as results"),
    ],
)
def test_an_output_that_would_overwrite_another_file_is_status_2(
    here: Path, words: str, said: str
) -> None:
    (here / "link").symlink_to("jobs.yaml")
    (here / "r").write_text("precious")
    before = (here / "jobs.yaml").read_text()
    with (here / "r").open() as standard_input:
        done = subprocess.run(
            [sys.executable, "-m", "fthg", "-c", "jobs.yaml", *words.split()],
            cwd=here, env=ENVIRONMENT, stdin=standard_input, capture_output=True, text=True,
            timeout=90, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr == f"fthg: {done.stderr[6:].strip()}\n"
    assert f"{said}; name another file" in done.stderr
    assert (here / "jobs.yaml").read_text() == before
    assert (here / "r").read_text() == "precious"
    assert not (here / "x").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--summary no/s.json", "run.summary: no/s.json cannot be written: No such file"),
        ("--results no/r.jsonl --check", "run.results: no/r.jsonl cannot be written: No such file"),
        ("--log-file .", "logging.file: . cannot be written: Is a directory"),
    ],
)
def test_an_output_that_cannot_be_written_is_status_3_before_anything_is_sent(
    here: Path, words: str, said: str
) -> None:
    done = fthg("-c", "jobs.yaml", *words.split(), cwd=here)
    assert (done.status, done.out) == (3, ""), done.err
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_devices_are_written_to_and_never_replaced(here: Path) -> None:
    words = "--count 2 --results /dev/null --summary /dev/null --log-file /dev/null"
    shown = private_dev.run(
        f"""
        cd {here}
        $PYTHON -m fthg -c jobs.yaml {words} > shown
        $PYTHON -m fthg -c jobs.yaml --summary /dev/stdout > s.json 2> /dev/null
        $PYTHON -m fthg -c jobs.yaml --results /dev/stdout 2> /dev/null > r.jsonl
        $PYTHON -m fthg --from-results r.jsonl --summary /dev/fd/1 2> /dev/null > again.json
        cat shown
        """,
        Path(__file__).parents[2],
    )
    assert "failed" in shown
    assert figures(here / "s.json")["total"]["failed"] == 2
    assert figures(here / "again.json")["total"]["failed"] == 2
    assert len(results(here / "r.jsonl")) == 2


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_a_summary_on_standard_output_is_all_that_is_there(here: Path, name: str) -> None:
    status, err = send(here, "--summary", name)
    assert status == 0, err
    assert figures(here / "out")["total"]["failed"] == 2
    assert "failed" in err
    assert sorted(os.listdir(here)) == ["files", "jobs.yaml", "one", "out"]


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_results_on_standard_output_are_all_that_is_there(here: Path, name: str) -> None:
    status, err = send(here, "--results", name, "--summary", "s.json")
    assert status == 0, err
    assert sorted(line["seq"] for line in results(here / "out")) == [0, 1]
    assert figures(here / "s.json")["total"]["failed"] == 2


def test_a_summary_goes_through_a_pipe(here: Path) -> None:
    os.mkfifo(here / "pipe")
    process = start("-c", "jobs.yaml", "--summary", "pipe", cwd=here)
    text = (here / "pipe").read_text()  # until its writer has ended
    assert end(process).status == 0
    assert json.loads(text)["total"]["failed"] == 2
    assert (here / "pipe").is_fifo()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_summary_to_a_pipe_that_nobody_reads_is_refused_before_anything_is_sent(
    here: Path, workers: str
) -> None:
    os.mkfifo(here / "pipe")
    words = ["--summary", "pipe", "--results", "r.jsonl", "--workers", workers]
    done = fthg("-c", "jobs.yaml", *words, cwd=here)
    assert done.status == 3, done.err
    assert "run.summary: pipe cannot be written" in done.err
    assert "it is a pipe that nobody reads; start its reader first" in done.err
    assert not (here / "r.jsonl").exists()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_results_go_through_a_pipe(here: Path, workers: str) -> None:
    os.mkfifo(here / "pipe")
    process = start("-c", "jobs.yaml", "--results", "pipe", "--workers", workers, cwd=here)
    text = (here / "pipe").read_text()
    assert end(process).status == 0
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize("workers", ["1", "2"])
def test_results_to_a_pipe_that_nobody_reads_are_status_3(here: Path, workers: str) -> None:
    os.mkfifo(here / "pipe")
    done = fthg("-c", "jobs.yaml", "--results", "pipe", "--workers", workers, cwd=here)
    assert "pipe that nobody reads" in done.err
    assert done.status == 3, done.err


def test_a_link_stays_a_link(here: Path) -> None:
    (here / "link").symlink_to("s.json")
    done = fthg("-c", "jobs.yaml", "--summary", "link", cwd=here)
    assert done.status == 0, done.err
    assert (here / "link").is_symlink()
    assert figures(here / "s.json")["total"]["failed"] == 2


def test_a_summary_may_have_the_longest_name(here: Path) -> None:
    name = "s" * 250 + ".json"
    assert fthg("-c", "jobs.yaml", "--summary", name, cwd=here).status == 0
    assert figures(here / name)["total"]["failed"] == 2


@pytest.mark.parametrize("reader", ["true", "head -3"])
def test_a_reader_that_has_gone_away_changes_neither_files_nor_status(
    here: Path, reader: str
) -> None:
    command = f"{sys.executable} -m fthg -q -c jobs.yaml --summary s.json --results r.jsonl"
    done = subprocess.run(
        ["bash", "-c", f"{command} | {reader} > /dev/null; exit ${{PIPESTATUS[0]}}"],
        cwd=here,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert figures(here / "s.json")["total"]["scheduled"] == 2
    assert len(results(here / "r.jsonl")) == 2
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_a_reader_of_the_results_that_has_stopped_reading_does_not_keep_it_from_ending(
    here: Path,
) -> None:
    words = ["--rate", "400/s", "--count", "2000", "--results", "-", "--summary", "s.json"]
    process = start("-q", "-c", "jobs.yaml", *words, cwd=here)
    process.wait(timeout=60)  # though the pipe is full after some hundred lines
    done = end(process)
    summary = figures(here / "s.json")
    assert done.status == 3
    assert summary["total"]["scheduled"] == 2000
    whole = [line for line in done.out.splitlines(keepends=True) if line.endswith("\n")]
    # A part of the write that hung is in the pipe; how much cannot be known.
    assert len(whole) + summary["results_lost"] >= 2000
    assert 0 < len(whole) < 2000
    assert "fthg: results file -: " in done.err
