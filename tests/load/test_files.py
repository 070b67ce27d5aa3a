from __future__ import annotations

import itertools
import os
import resource
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fthg.errors import StartError, TransferError
from fthg.load.files import list_names, locate, names, resolve_link
from fthg.load.plan import Source


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for age, name in enumerate(("c.csv", "a.csv", "b.txt", ".hidden", "sub/d.csv")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
        os.utime(path, (age, age))
    return tmp_path


def source(directory: Path, **options: Any) -> Source:
    return Source(str(directory), **options)


def test_files_come_by_name_without_hidden_ones_and_directories(directory: Path) -> None:
    assert list_names(source(directory)) == ["a.csv", "b.txt", "c.csv"]


def test_files_come_by_time_when_asked_for(directory: Path) -> None:
    assert list_names(source(directory, order="mtime")) == ["c.csv", "a.csv", "b.txt"]


def test_a_pattern_picks_by_name(directory: Path) -> None:
    assert list_names(source(directory, match="*.csv")) == ["a.csv", "c.csv"]


def test_directories_within_are_read_when_asked_for(directory: Path) -> None:
    assert list_names(source(directory, recursive=True))[-1] == "sub/d.csv"


def test_a_seed_makes_a_random_order_the_same_each_time(directory: Path) -> None:
    def order() -> list[object]:
        return list(itertools.islice(names(source(directory, order="random", seed=7)), 12))

    first = order()
    assert first == order()
    assert sorted(map(str, first[:3])) == ["a.csv", "b.txt", "c.csv"]


def test_once_ends_after_the_last_file(directory: Path) -> None:
    assert list(names(source(directory, repeat=False))) == ["a.csv", "b.txt", "c.csv"]


def test_each_pass_reads_the_directory_again(directory: Path) -> None:
    coming = names(source(directory, match="*.csv"))
    assert [next(coming), next(coming)] == ["a.csv", "c.csv"]
    (directory / "b.csv").touch()
    assert [next(coming), next(coming), next(coming)] == ["a.csv", "b.csv", "c.csv"]


def test_a_directory_that_is_emptied_later_gives_none_until_it_is_filled(directory: Path) -> None:
    coming = names(source(directory, match="a*"))
    assert next(coming) == "a.csv"
    (directory / "a.csv").unlink()
    assert [next(coming), next(coming)] == [None, None]
    (directory / "a1").touch()
    assert next(coming) == "a1"


def test_without_descriptors_to_look_again_the_names_stay_what_they_were(directory: Path) -> None:
    coming = names(source(directory, match="*.csv"))
    assert [next(coming), next(coming)] == ["a.csv", "c.csv"]
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
    try:
        again = [next(coming), next(coming)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert again == ["a.csv", "c.csv"]


def test_a_large_directory_that_is_removed_is_empty_and_no_error_of_fthg(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    large = tmp_path / "large"
    large.mkdir()
    for number in range(1001):
        (large / str(number)).touch()
    coming = names(source(large))
    assert len(list(itertools.islice(coming, 1001))) == 1001
    shutil.rmtree(large)
    assert [next(coming), next(coming)] == [None, None]
    assert capfd.readouterr().err == ""


def test_a_single_file_is_sent_again_and_again(directory: Path) -> None:
    alone = source(directory / "b.txt")
    assert [locate(alone, str(name))[1] for name in itertools.islice(names(alone), 2)] == [
        "b.txt"
    ] * 2


@pytest.mark.parametrize(("match", "word"), [("*.nothing", "matches"), ("*", "cannot be read")])
def test_nothing_to_send_at_the_start_is_an_error(directory: Path, match: str, word: str) -> None:
    where = directory if word == "matches" else directory / "missing"
    with pytest.raises(StartError, match=word):
        names(source(where, match=match))


def test_a_link_that_leads_out_of_the_directory_is_left_out(
    directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.touch()
    (directory / "out").symlink_to(outside)
    (directory / "in").symlink_to("a.csv")
    assert list_names(source(directory)) == ["a.csv", "b.txt", "c.csv", "in"]


def test_links_that_lead_out_and_to_directories_are_followed_when_asked_for(
    directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret").touch()
    (directory / "out").symlink_to(outside / "secret")
    (directory / "more").symlink_to(outside)
    every = source(directory, recursive=True, match="*[!v]")
    assert list_names(every) == ["b.txt"]
    assert list_names(replace(every, follow_links=True)) == ["b.txt", "more/secret", "out"]


@pytest.mark.parametrize("follow_links", [False, True])
def test_links_that_lead_in_circles_or_nowhere_do_no_harm(
    directory: Path, follow_links: bool
) -> None:
    (directory / "self").symlink_to("self")
    (directory / "gone").symlink_to("nothing")
    (directory / "here").symlink_to(".")
    (directory / "sub" / "up").symlink_to("..")
    (directory / "sub" / "aside").symlink_to("../here")
    found = list_names(source(directory, recursive=True, follow_links=follow_links))
    assert found == ["a.csv", "b.txt", "c.csv", "sub/d.csv"]


def test_a_link_that_came_after_the_directory_was_read_leads_no_further(
    directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.touch()
    (directory / "a.csv").unlink()
    (directory / "a.csv").symlink_to(outside)
    path = locate(source(directory), "a.csv")[0]
    with pytest.raises(TransferError, match="leads out") as caught:
        resolve_link(source(directory), path)
    assert caught.value.kind == "file"
    assert resolve_link(source(directory, follow_links=True), path) == str(outside)
    assert resolve_link(source(directory / "a.csv"), path) == str(
        outside
    )  # it is what was asked for
    (directory / "b").symlink_to("b.txt")
    assert resolve_link(source(directory), str(directory / "b")) == str(directory / "b.txt")


def test_a_name_that_is_not_utf8_survives(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9\n"
    with open(raw, "w"):
        pass
    (name,) = list_names(source(tmp_path))
    assert os.fsencode(locate(source(tmp_path), name)[0]) == raw
