from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.waiting import until

LAB = [sys.executable, "-m", "fthg.lab"]


@contextmanager
def running(directory: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*LAB, "--directory", str(directory), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until(lambda: (directory / "lab.json").exists() or process.poll() is not None)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_addresses_and_at_the_end_its_counts(tmp_path: Path, number: int) -> None:
    with running(tmp_path, "--processing=0", "--user=me:secret", "--seed=1") as process:
        urls = json.loads((tmp_path / "lab.json").read_text())
        requests.put(urls["http"] + "a", data=b"x", timeout=30)
        until((tmp_path / "egress" / "a").exists)
        process.send_signal(number)
        said, complaints = process.communicate(timeout=30)
    assert process.returncode == 0
    assert complaints == ""
    assert all(url in said for url in urls.values())
    assert "me / secret" in said
    assert f"fthg --url {urls['sftp']}" in said
    assert "received   1 (http 1)" in said
    assert "delivered  1," in said


def test_the_configuration_that_it_writes_sends_by_all_three_protocols(tmp_path: Path) -> None:
    with running(tmp_path, "--processing=0", "--basic-auth") as process:
        fthg = [sys.executable, "-m", "fthg", "-c", str(tmp_path / "lab.yaml"), "--count=2", "-qq"]
        subprocess.run(fthg, check=True, timeout=60)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    assert "received   6 (" in said
    assert all(f"{protocol} 2" in said for protocol in ("http", "https", "sftp"))
    assert f"fthg -c {tmp_path}/lab.yaml" in said


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("--delay=soon", "is not a duration; write it as 250ms"),
        ("--error-rate=2", "is not a share from 0 to 1"),
        ("--http-port=99999", "is not a port"),
        ("--user=me", "write it as NAME:PASSWORD"),
        ("--nonsense", "unrecognized arguments"),
    ],
)
def test_a_bad_option_is_reported_and_ends_with_status_2(option: str, complaint: str) -> None:
    done = subprocess.run([*LAB, option], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--directory=/proc/none"], "/proc/none"),
        (["--mysql", "--egress-dsn=nonsense"], "a DSN is written as mysql://"),
        (
            [f"--{side}-dsn=mysql://a:b@127.0.0.1:1/c" for side in ("ingress", "egress")],
            "the ingress database cannot be used",
        ),
    ],
)
def test_a_server_that_cannot_be_opened_is_reported_and_ends_with_status_3(
    options: list[str], complaint: str
) -> None:
    done = subprocess.run([*LAB, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith("fthg.lab: ")
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_it_may_end_with_what_started_it(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*LAB, "--until-eof", "--directory", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    until((tmp_path / "lab.json").exists)
    said, _ = process.communicate(timeout=30)  # closes its standard input
    assert b"The lab is closed." in said


def test_a_temporary_directory_is_removed(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    assert tempfile.gettempdir() != str(tmp_path)
    process = subprocess.Popen(LAB, stdout=subprocess.PIPE, env=environment)
    until(lambda: list(tmp_path.glob("fthg-lab-*/lab.json")))
    process.terminate()
    process.communicate(timeout=30)
    assert list(tmp_path.iterdir()) == []
