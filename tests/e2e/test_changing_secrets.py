"""Whole runs whose secrets change: tokens that end soon, and a file that is written anew."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

import gevent
import pytest

from tests.servers.faulty import Conversation, faulty
from tests.servers.tokens import CLIENT, SECRET, tokens

from .program import Ended, fthg

pytestmark = pytest.mark.timeout(120)

LOUD = ["-vvv", "--log-file", "log.out", "--workers", "2"]


def run(directory: Path, job: dict[str, Any], rate: str, duration: str) -> Ended:
    (directory / "order.xml").write_text("<order/>")
    settings = {
        "run": {"duration": duration, "results": "r.jsonl", "summary": "s.json"},
        "jobs": {"orders": {"files": "order.xml", "rate": rate, **job}},
    }
    (directory / "jobs.yaml").write_text(json.dumps(settings))
    (directory / "jobs.yaml").chmod(0o600)
    return fthg("-c", "jobs.yaml", *LOUD, cwd=directory)


def outcomes(directory: Path) -> Counter[tuple[str, Any]]:
    lines = map(json.loads, (directory / "r.jsonl").read_text().splitlines())
    return Counter((line["outcome"], line.get("code")) for line in lines)


def check_that_nothing_shows(directory: Path, ended: Ended, secrets: list[str]) -> None:
    files = [directory / name for name in ("r.jsonl", "s.json", "log.out")]
    outputs = [*ended.outputs.values(), *(path.read_bytes() for path in files)]
    assert b"uthorization: ***" in files[2].read_bytes(), "heads must have been logged"
    for secret in secrets:
        middle = base64.b64encode(secret.encode())[4:-4]
        assert not any(secret.encode() in output or middle in output for output in outputs)


@pytest.mark.parametrize("delay", [0.0, 0.5])
def test_a_run_with_tokens_that_end_after_two_seconds_has_no_401(
    tmp_path: Path, delay: float
) -> None:
    with tokens(life=2.0, delay=delay) as server:
        oauth2 = {"token_url": server.url, "client_id": CLIENT, "client_secret": SECRET}
        job = {"url": server.upload_url, "auth": {"oauth2": oauth2}}
        ended = run(tmp_path, job, "20/s", "8s")
    assert ended.status == 0, ended.err[-3000:]
    assert outcomes(tmp_path) == {("ok", 201): 160}
    assert (server.refused, server.taken) == (0, [b"<order/>"] * 160)
    assert len(server.used) >= 6, "of both workers"
    check_that_nothing_shows(tmp_path, ended, [SECRET, *server.given])


def test_a_token_that_is_written_anew_is_used_within_a_second_and_never_shown(
    tmp_path: Path,
) -> None:
    path, heard = tmp_path / "token", list[bytes]()

    def repeat(client: Conversation) -> None:
        while request := client.read_request():
            said = next(line for line in request.split(b"\r\n") if b"uthorization" in line)
            heard.append(said.partition(b"Bearer ")[2])
            client.answer("401 Unauthorized", b"I got " + said)

    def change() -> None:
        while not heard:
            gevent.sleep(0.05)
        gevent.sleep(1.0)
        path.write_text("tok-second/+tok\n")

    path.write_text("tok-first/+tok\n")
    with faulty(repeat) as server:
        changing = gevent.spawn(change)
        job = {"url": server.url, "auth": {"bearer": {"token_file": "token"}}}
        ended = run(tmp_path, job, "20/s", "5s")
        changing.get()
    assert outcomes(tmp_path) == {("failed", 401): 100}
    assert set(heard) == {b"tok-first/+tok", b"tok-second/+tok"}
    assert set(heard[-15:]) == {b"tok-second/+tok"}, "in the last second at the latest"
    check_that_nothing_shows(tmp_path, ended, ["tok-first/+tok", "tok-second/+tok"])
    assert b"I got" in (tmp_path / "r.jsonl").read_bytes()
