"""The files that a run sends while others write to its directory, replace it or add links."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.servers.nginx import Nginx
from tests.waiting import until

from .program import end, fthg, results, start


def until_lines(path: Path, lines: int) -> None:
    until(lambda: path.exists() and len(path.read_text().splitlines()) >= lines)


def configure(directory: Path, url: str, **keys: str) -> None:
    (directory / "files").mkdir()
    more = "".join(f"    {key}: {value}\n" for key, value in keys.items())
    (directory / "jobs.yaml").write_text(
        f"run: {{results: r.jsonl}}\njobs:\n  orders:\n"
        f"    url: '{url}'\n    files: files\n    method: PUT\n{more}"
    )


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_directory_replaced_by_a_link_in_mid_run_is_not_followed(
    tmp_path: Path, web: Nginx, workers: str
) -> None:
    url = f"{web.url}/replaced{workers}/{{seq}}"
    configure(tmp_path, url, rate="20/s", duration="4s", recursive="true")
    outside = tmp_path / "outside"
    for directory, text in ((tmp_path / "files", "right"), (outside, "secret")):
        for name in ("a", "b", "sub/c"):
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(text)
    process = start("-c", "jobs.yaml", "--workers", workers, cwd=tmp_path)
    until_lines(tmp_path / "r.jsonl", 10)
    (tmp_path / "files").rename(tmp_path / "away")
    (tmp_path / "files").symlink_to(outside)
    done = end(process)
    assert done.status == 0, done.err
    lines = results(tmp_path / "r.jsonl")
    assert [line["outcome"] for line in lines] == ["ok"] * 80
    stored = list((web.directory / "files" / f"replaced{workers}").iterdir())
    assert len(stored) == 80
    assert {path.read_text() for path in stored} == {"right"}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_directory_within_replaced_by_a_link_fails_and_sends_nothing_of_it(
    tmp_path: Path, web: Nginx, workers: str
) -> None:
    url = f"{web.url}/within{workers}/{{seq}}"
    # All that is sent lies in `sub`; the many names of one pass were read before it changes.
    configure(tmp_path, url, rate="20/s", duration="3s", recursive="true", match="'*.in'")
    outside = tmp_path / "outside"
    for directory, text in ((tmp_path / "files" / "sub", "right"), (outside, "secret")):
        directory.mkdir(parents=True)
        for number in range(100):
            (directory / f"{number:03}.in").write_text(text)
    process = start("-c", "jobs.yaml", "--workers", workers, cwd=tmp_path)
    until_lines(tmp_path / "r.jsonl", 10)
    (tmp_path / "files" / "sub").rename(tmp_path / "away")
    (tmp_path / "files" / "sub").symlink_to(outside)
    end(process)
    lines = results(tmp_path / "r.jsonl")
    assert {line["error"] for line in lines if line["outcome"] == "failed"} == {"file"}
    stored = list((web.directory / "files" / f"within{workers}").iterdir())
    assert len(stored) == sum(line["outcome"] == "ok" for line in lines)
    assert {path.read_text() for path in stored} == {"right"}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_files_that_still_grow_are_left_and_do_not_stop_the_start(
    tmp_path: Path, web: Nginx, workers: str
) -> None:
    configure(
        tmp_path,
        f"{web.url}/young{workers}/{{filename}}",
        rate="5/s",
        repeat="once",
        min_age="4s",
        exclude="['*.tmp']",
    )
    for name in ("old", "new", "part.tmp"):
        (tmp_path / "files" / name).write_text(name)
    os.utime(tmp_path / "files" / "old", (1, 1))
    done = fthg("-c", "jobs.yaml", "--duration", "20s", "--workers", workers, cwd=tmp_path)
    lines = results(tmp_path / "r.jsonl")
    assert [line["file"] for line in lines if line["outcome"] == "ok"] == ["old", "new"], done.err
    # None at all if the start took longer than the files needed.
    assert {line["error"] for line in lines if line["outcome"] != "ok"} <= {"no_file"}
    assert sorted(
        path.name for path in (web.directory / "files" / f"young{workers}").iterdir()
    ) == [
        "new",
        "old",
    ]
