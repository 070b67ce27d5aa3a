"""Whole runs of made content: what is at the server is what the results say."""

from __future__ import annotations

import hashlib
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gevent.server import StreamServer

from fthg import load
from fthg.load.files.generate import Generate
from fthg.load.files.source import Source
from fthg.load.files.templates import Templates
from fthg.load.plan import Job, Plan
from fthg.placeholders import Template
from fthg.protocols.http.options import HttpOptions
from tests.screen import screen
from tests.servers.nginx import nginx

from ..snapshots import job
from ..test_load import around, no_signals, quiet_logs

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def sink() -> Iterator[tuple[str, list[tuple[bytes, bytes]]]]:
    """Run a quick server; yield its URL, and the heads and bodies that it has taken."""
    taken: list[tuple[bytes, bytes]] = []

    def serve(stream: socket.socket, _: object) -> None:
        data = b""
        while True:
            head, blank, data_behind = data.partition(b"\r\n\r\n")
            length = re.search(rb"Content-Length: (\d+)", head) if blank else None
            if length and len(data_behind) >= (size := int(length.group(1))):
                taken.append((head, data_behind[:size]))
                data = data_behind[size:]
                stream.sendall(_ANSWER)
                continue
            more = stream.recv(1 << 18)
            if not more:
                return
            data += more

    server = StreamServer(("127.0.0.1", 0), serve)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{{filename}}", taken
    finally:
        server.stop(timeout=0)


def lines_of(
    directory: Path, url: str, source: Source, count: int, workers: int = 1
) -> list[dict[str, Any]]:
    """Return the results of a run as fast as it can be."""
    headers = {"X-Uuid": (Template("{uuid}"),), "X-Sum": (Template("{sha256}"),)}
    options = HttpOptions(
        job="orders", url=Template(url), headers=headers, connections=8, method="PUT"
    )
    plan = Plan("r1", (), outputs={"results": str(directory / "results")}, workers=workers)
    only: Job = job(
        rate=None, open=False, limit=8, url=url, protocol="http", source=source, count=count,
        options=options,
    )  # fmt: skip
    with screen() as shown:
        assert load.run(replace(plan, jobs=(only,)), around(shown), quiet_logs, no_signals) == 0
    return [json.loads(line) for line in (directory / "results").read_text().splitlines()]


def test_every_file_of_ten_thousand_from_a_template_is_what_its_line_says(tmp_path: Path) -> None:
    count, directory = 10_000, tmp_path / "files"
    directory.mkdir()
    for name in ("a", "b", "c"):
        (directory / name).write_text("{uuid} {seq} {path} {{%s}} {random} {epoch_ms}\nµ\n")
    with sink() as (url, taken):
        source = Source(str(directory), templates=Templates())
        lines = {line["uuid"]: line for line in lines_of(tmp_path, url, source, count)}
    assert len(taken) == len(lines) == count
    assert len({hashlib.sha256(body).digest() for _, body in taken}) == count
    for head, body in taken:
        uuid, seq, path, braces, random, *_ = body.decode().split()
        line = lines[uuid]
        assert (line["seq"], line["file"], line["outcome"]) == (int(seq), path, "ok")
        assert line["size"] == line["bytes"] == len(body)
        assert braces == "{%s}"
        assert re.fullmatch("[0-9a-f]{8}", random)
        assert f"X-Uuid: {uuid}\r\n".encode() in head
        assert hashlib.sha256(body).hexdigest().encode() in head


def generated(text: bool) -> Source:
    return Source("", generate=Generate(1, 200_000, Template("order-{seq}.dat"), text, seed=7))


@pytest.mark.parametrize("text", [False, True])
def test_generated_files_are_the_same_in_each_run_and_as_their_lines_say(
    tmp_path: Path, text: bool
) -> None:
    runs: list[dict[bytes, bytes]] = []
    for _ in range(2):
        with sink() as (url, taken):
            lines = lines_of(tmp_path, url, generated(text), count=100)[-100:]
        runs.append({head.split(b" ")[1]: body for head, body in taken})
        assert len(runs[-1]) == len(set(runs[-1].values())) == len(lines) == 100
        for line in lines:
            assert line["file"] == f"order-{line['seq']}.dat"
            body = runs[-1][b"/" + line["file"].encode()]
            assert line["size"] == line["bytes"] == len(body)
        for head, body in taken:
            assert hashlib.sha256(body).hexdigest().encode() in head
    assert runs[0] == runs[1]


def test_workers_send_the_same_generated_files_as_one_process(tmp_path: Path) -> None:
    sent = []
    with nginx(tmp_path) as server:
        for workers in (1, 3):
            url = f"{server.url}/{workers}/{{filename}}"
            lines_of(tmp_path, url, generated(text=False), count=60, workers=workers)
            stored = (server.directory / "files" / str(workers)).iterdir()
            sent.append({path.name: path.read_bytes() for path in stored})
    assert len(sent[0]) == 60
    assert sent[0] == sent[1]
