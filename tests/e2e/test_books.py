"""fthg's books against what lies at servers of every kind: `ok` is what arrived, and nothing else.

Each server takes four jobs at once; every file of a job is unique and is sent once.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.servers.inventory import Inventory, Stored, inventory

from .program import figures, fthg, results
from .stores import SSH, WEB, Place

MIB = 1 << 20
SMALL = [0, 1, 700, 1024, 40_000, 65_536, 70_000, 130_000, 200_000, 262_145]
LARGE = [3 * MIB, 5 * MIB + 1]

WEB_JOBS: Mapping[str, Mapping[str, Any]] = {
    f"{size}-{'kept' if reuse else 'fresh'}": {"files": size, "reuse": reuse}
    for size in ("small", "large")
    for reuse in (True, False)
}
SSH_JOBS: Mapping[str, Mapping[str, Any]] = {
    f"{way}-{'kept' if reuse else 'fresh'}": {
        "files": "small" if reuse else "few",
        "atomic": way == "atomic",
        "reuse": reuse,
        "senders": 2 if reuse else 1,  # dropbear takes five at once that have not logged in
    }
    for way in ("plain", "atomic")
    for reuse in (True, False)
}


class Books(NamedTuple):
    """One run: its lines by job, the files sent, what is at the server, and the summary."""

    lines: Mapping[str, Sequence[Mapping[str, Any]]]
    sent: Mapping[str, Inventory]
    there: Inventory
    summary: Mapping[str, Any]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directories of files of which no two are alike."""
    directory, dice = tmp_path_factory.mktemp("files"), random.Random(11)
    for name, sizes in {"small": SMALL, "few": SMALL[2:6], "large": LARGE}.items():
        (directory / name).mkdir()
        for size in sizes:
            (directory / name / f"{size}.bin").write_bytes(dice.randbytes(size))
    return directory


@pytest.fixture(scope="module", params=WEB)
def web_books(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, files: Path
) -> Iterator[Books]:
    room = tmp_path_factory.mktemp(request.param)
    with WEB[request.param](room) as place:
        yield run(room, files, place, WEB_JOBS)


@pytest.fixture(scope="module", params=SSH)
def ssh_books(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, files: Path
) -> Iterator[Books]:
    room = tmp_path_factory.mktemp(request.param)
    with SSH[request.param](room) as place:
        yield run(room, files, place, SSH_JOBS)


def run(room: Path, files: Path, place: Place, jobs: Mapping[str, Mapping[str, Any]]) -> Books:
    """Send every file of every job once, all jobs at the same time."""
    usual = {**place.keys, "model": "closed", "rate": "max", "repeat": "once", "senders": 2}
    configuration = {
        "run": {"results": "r.jsonl", "summary": "s.json"},
        "defaults": {"timeout": "30s"},
        "jobs": {
            name: {**usual, **job, "files": str(files / job["files"])} for name, job in jobs.items()
        },
    }
    (room / "jobs.yaml").write_text(json.dumps(configuration))
    done = fthg("-c", "jobs.yaml", cwd=room)
    assert done.status == 0, done.err
    lines = results(room / "r.jsonl")
    return Books(
        {name: [line for line in lines if line["job"] == name] for name in jobs},
        {name: inventory(files / job["files"]) for name, job in jobs.items()},
        place.inventory(),
        figures(room / "s.json"),
    )


@pytest.mark.parametrize("job", WEB_JOBS)
def test_the_books_of_http_are_what_lies_at_the_server(web_books: Books, job: str) -> None:
    agree(web_books, job)


@pytest.mark.parametrize("job", SSH_JOBS)
def test_the_books_of_sftp_are_what_lies_at_the_server(ssh_books: Books, job: str) -> None:
    agree(ssh_books, job)


def test_an_http_server_has_no_file_that_is_in_no_book(web_books: Books) -> None:
    assert set(web_books.there) <= uuids(web_books)


def test_an_sftp_server_has_no_file_that_is_in_no_book(ssh_books: Books) -> None:
    assert set(ssh_books.there) <= uuids(ssh_books)


def uuids(books: Books) -> set[str]:
    return {line["uuid"] for lines in books.lines.values() for line in lines}


def agree(books: Books, job: str) -> None:
    """All arrivals of a job have a line, and each line says what is at the server."""
    lines, sent = books.lines[job], books.sent[job]
    assert sorted(line["seq"] for line in lines) == [*range(len(sent))]
    assert sorted(line["file"] for line in lines) == sorted(sent)
    failed = [(line["file"], line["error"], line["detail"]) for line in lines if line["error"]]
    assert failed == []
    wrong = {
        line["file"]: (found, sent[line["file"]])
        for line in lines
        if (found := books.there.get(line["uuid"], Stored(-1, "absent"))) != sent[line["file"]]
    }
    assert wrong == {}
    assert [line["bytes"] for line in lines] == [line["size"] for line in lines]
    own = books.summary["jobs"][job]
    assert (own["ok"], own["failed"]) == (len(sent), 0)
    assert own["bytes"] == sum(books.there[line["uuid"]].size for line in lines)
