from __future__ import annotations

import itertools
import os
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

import gevent
import pytest

from fthg.clock import SECOND
from fthg.errors import StartError, TransferError
from fthg.folder import Entry, Folder
from fthg.load.files import passes
from fthg.load.files.generate import Generate
from fthg.load.files.listing import list_files
from fthg.load.files.locate import find, locate
from fthg.load.files.source import Source
from fthg.placeholders import Template


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


@contextmanager
def opened(source: Source) -> Iterator[Source]:
    """Open its directory, as a run does at its start."""
    with closing(Folder(source.files, source.follow_links)) as folder:
        yield replace(source, folder=folder)


def list_names(source: Source) -> list[str]:
    return list(list_files(source).names)


def names(source: Source, utc: Callable[[], int] = time.time_ns) -> Iterator[Optional[str]]:
    return passes.names(source, utc)


def test_files_come_by_name_without_hidden_ones_and_directories(directory: Path) -> None:
    assert list_names(source(directory)) == ["a.csv", "b.txt", "c.csv"]


def test_files_come_by_time_when_asked_for(directory: Path) -> None:
    assert list_names(source(directory, order="mtime")) == ["c.csv", "a.csv", "b.txt"]


def test_a_pattern_picks_by_name(directory: Path) -> None:
    assert list_names(source(directory, match=("*.csv",))) == ["a.csv", "c.csv"]


def test_directories_within_are_read_when_asked_for(directory: Path) -> None:
    assert list_names(source(directory, recursive=True))[-1] == "sub/d.csv"


def test_a_seed_makes_a_random_order_the_same_each_time(directory: Path) -> None:
    def order() -> list[object]:
        return list(itertools.islice(names(source(directory, order="random", seed=7)), 12))

    first = order()
    assert first == order()
    assert sorted(map(str, first[:3])) == ["a.csv", "b.txt", "c.csv"]


@pytest.mark.parametrize("order", ["name", "mtime", "random"])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 11])
def test_names_that_are_passed_over_are_those_that_would_have_come(
    directory: Path, order: str, count: int
) -> None:
    listed = source(directory, order=order, seed=7)
    whole = list(itertools.islice(names(listed), 20))
    rest = passes.passed_over(names(listed), count)
    assert list(itertools.islice(rest, 20 - count)) == whole[count:]


def test_a_week_of_names_is_passed_over_without_reading_the_directory(directory: Path) -> None:
    listed = names(source(directory))
    shutil.rmtree(directory / "sub")
    (directory / "a.csv").unlink()
    rest = passes.passed_over(listed, 6_000_001)
    assert next(rest) == "b.txt"


def test_once_passes_over_files_of_its_only_pass(directory: Path) -> None:
    once = source(directory, repeat=False)
    assert list(passes.passed_over(names(once), 2)) == ["c.csv"]
    assert list(passes.passed_over(names(once), 5)) == []


def test_names_that_are_no_directory_are_passed_over_too() -> None:
    assert list(passes.passed_over(iter(["a", "b", "c"]), 1)) == ["b", "c"]


def test_generated_files_are_passed_over_at_once_though_there_are_billions(
    directory: Path,
) -> None:
    made = names(replace(source(directory), generate=Generate(1, 1, Template("{seq}"))))
    rest = passes.passed_over(made, 10**15)
    assert [next(rest), next(rest)] == [None, None]


def test_files_are_counted_from_the_first_reading_ready_or_not(directory: Path) -> None:
    (directory / "c.csv").touch()
    listed = names(source(directory, min_age=60.0))
    (directory / "d.csv").touch()
    assert passes.listed_files(listed) == 3
    assert passes.listed_files(itertools.repeat(None)) == 0


def test_once_ends_after_the_last_file(directory: Path) -> None:
    assert list(names(source(directory, repeat=False))) == ["a.csv", "b.txt", "c.csv"]


def test_each_pass_reads_the_directory_again(directory: Path) -> None:
    coming = names(source(directory, match=("*.csv",)))
    assert [next(coming), next(coming)] == ["a.csv", "c.csv"]
    (directory / "b.csv").touch()
    assert [next(coming), next(coming), next(coming)] == ["a.csv", "b.csv", "c.csv"]


def test_a_directory_that_is_emptied_later_gives_none_until_it_is_filled(directory: Path) -> None:
    coming = names(source(directory, match=("a*",)))
    assert next(coming) == "a.csv"
    (directory / "a.csv").unlink()
    assert [next(coming), next(coming)] == [None, None]
    (directory / "a1").touch()
    assert next(coming) == "a1"


def test_without_descriptors_to_look_again_the_names_stay_what_they_were(directory: Path) -> None:
    coming = names(source(directory, match=("*.csv",)))
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
    assert len(list(itertools.islice(coming, 500))) == 500
    shutil.rmtree(large)
    assert len(list(itertools.islice(coming, 501))) == 501
    gevent.sleep(0.2)  # it may have been read again already
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
        names(source(where, match=(match,)))


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
    every = source(directory, recursive=True, match=("*[!v]",))
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
    (directory / "b").symlink_to(directory / "sub" / "d.csv")
    path = locate(source(directory), "a.csv")[0]
    with opened(source(directory)) as strict:
        with pytest.raises(TransferError, match="leads out") as caught:
            find(strict, path)
        within = locate(strict, "b")[0]
        assert find(strict, within)[0] == str(directory / "sub" / "d.csv")
    assert caught.value.kind == "file"
    with opened(source(directory, follow_links=True)) as lax:
        assert find(lax, path)[1].st_ino == outside.stat().st_ino
    # A link that is itself given as `files` is what was asked for.
    assert find(source(directory / "a.csv"), path)[0] == str(outside)


def test_a_name_that_is_not_utf8_survives(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9\n"
    with open(raw, "w"):
        pass
    (name,) = list_names(source(tmp_path))
    assert os.fsencode(locate(source(tmp_path), name)[0]) == raw


# --- a directory that stays as it is


class Counted(Folder):
    """A directory that counts how often it is read."""

    readings = 0

    @contextmanager
    def scan(self, name: str = "") -> Iterator[Iterator[Entry]]:
        self.readings += 1
        with super().scan(name) as entries:
            yield entries


def later() -> int:
    """Return a time at which every change so far is old."""
    return time.time_ns() + 10 * SECOND


@contextmanager
def counted(source: Source) -> Iterator[tuple[Counted, Iterator[Optional[str]]]]:
    """Open its directory; yield it, and its names, of which the first pass is over."""
    with closing(Counted(source.files, source.follow_links)) as folder:
        opened = replace(source, folder=folder)
        coming = names(opened, later)
        for _ in range(passes.listed_files(coming)):
            next(coming)
        time.sleep(0.02)  # more than a step of the clock of changes
        yield folder, coming


def test_a_directory_that_has_not_changed_is_not_read_again(directory: Path) -> None:
    with counted(source(directory)) as (folder, coming):
        assert [next(coming) for _ in range(6)] == ["a.csv", "b.txt", "c.csv"] * 2
    assert folder.readings == 1


def _replace_by_another(directory: Path) -> None:
    shutil.copytree(directory, directory.with_name("other"))
    (directory.with_name("other") / "new.csv").touch()
    directory.rename(directory.with_name("old"))
    directory.with_name("other").rename(directory)


def _replace_a_file_by_a_directory(directory: Path) -> None:
    (directory / "a.csv").unlink()
    (directory / "a.csv").mkdir()


CHANGES: dict[str, Callable[[Path], object]] = {
    "a new file": lambda directory: (directory / "new.csv").touch(),
    "one less": lambda directory: (directory / "a.csv").unlink(),
    "another name": lambda directory: (directory / "a.csv").rename(directory / "z.csv"),
    "another directory": _replace_by_another,
    "a directory instead": _replace_a_file_by_a_directory,
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_a_directory_is_seen_in_the_next_pass(tmp_path: Path, change: str) -> None:
    directory = tmp_path / "files"
    directory.mkdir()
    for name in ("a.csv", "b.csv"):
        (directory / name).touch()
    with counted(source(directory)) as (_, coming):
        for _ in range(2):  # it is left out from the second pass on
            assert [next(coming), next(coming)] == ["a.csv", "b.csv"]
        CHANGES[change](directory)
        wanted = list_names(source(directory))
        assert wanted != ["a.csv", "b.csv"]
        assert [next(coming) for _ in wanted] == wanted


def test_a_change_at_the_very_moment_of_reading_is_seen(directory: Path) -> None:
    one = list_files(source(directory))
    assert one.state
    (directory / "new").touch()  # its directory may have the same time as before
    assert one.settled(one.state.changed).state is None
    assert one.settled(one.state.changed + 3 * SECOND) == one


@pytest.mark.parametrize("options", [{"recursive": True}, {"order": "mtime"}, {"min_age": 1.0}])
def test_where_names_change_without_their_directory_it_is_read_each_time(
    directory: Path, options: dict[str, Any]
) -> None:
    with counted(source(directory, **options)) as (folder, coming):
        before = folder.readings
        for _ in range(3):
            next(coming, None)
        assert folder.readings > before


def test_a_directory_whose_files_are_sent_once_is_read_once(directory: Path) -> None:
    with counted(source(directory, repeat=False)) as (folder, coming):
        assert next(coming, None) is None
    assert folder.readings == 1


@pytest.mark.parametrize("target", ["sub/d.csv", "sub/missing", "/etc/hostname"])
def test_a_directory_with_links_is_read_each_time(directory: Path, target: str) -> None:
    (directory / "link").symlink_to(target)
    with counted(source(directory)) as (folder, coming):
        assert folder.readings == 1
        first = [next(coming) for _ in range(3)]
        (directory / "sub" / "missing").touch()
        rest = [next(coming) for _ in range(5)]
    assert folder.readings > 1
    assert target == "/etc/hostname" or "link" in (*first, *rest)


# --- which files are ready


def test_several_patterns_pick_and_exclude_by_name(directory: Path) -> None:
    for name in ("d.tmp", "sub/e.tmp", "sub/f.txt"):
        (directory / name).touch()
    every = source(directory, recursive=True)
    assert list_names(replace(every, match=("*.csv", "b*"))) == [
        "a.csv",
        "b.txt",
        "c.csv",
        "sub/d.csv",
    ]
    assert list_names(replace(every, exclude=("*.tmp", "a*"))) == [
        "b.txt",
        "c.csv",
        "sub/d.csv",
        "sub/f.txt",
    ]
    assert list_names(replace(every, exclude=("sub", "*.tmp"))) == ["a.csv", "b.txt", "c.csv"]


def test_an_error_names_the_patterns(directory: Path) -> None:
    with pytest.raises(StartError, match=r"matches \*.x or \*.y and is not excluded"):
        names(source(directory, match=("*.x", "*.y"), exclude=("z",)))
    with pytest.raises(StartError, match="holds no file that is not excluded; put"):
        names(source(directory, exclude=("*",)))


class Time:
    """A clock that stands until it is set."""

    now = 1_000 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def aging(tmp_path: Path) -> Path:
    """Return a directory with files that were changed 1, 5 and 60 s before 1,000 s."""
    for name, mtime in (("a", 999), ("b", 995), ("c", 940)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (mtime, mtime))
    return tmp_path


def test_files_that_are_too_young_are_left_for_a_later_pass(aging: Path) -> None:
    utc = Time()
    coming = names(source(aging, min_age=10.0), utc)
    assert [next(coming), next(coming)] == ["c", "c"]
    utc.now = 1_006 * SECOND
    assert [next(coming), next(coming), next(coming)] == ["b", "c", "b"]


def test_a_directory_of_young_files_gives_none_until_one_is_old_enough(aging: Path) -> None:
    utc = Time()
    coming = names(source(aging, min_age=100.0), utc)
    assert [next(coming), next(coming)] == [None, None]
    utc.now = 1_041 * SECOND
    assert next(coming) == "c"


@pytest.mark.parametrize("order", ["name", "mtime", "random"])
def test_once_sends_each_file_once_however_old_it_must_be(aging: Path, order: str) -> None:
    utc, found = Time(), list[Optional[str]]()
    for name in names(source(aging, min_age=10.0, repeat=False, order=order), utc):
        found.append(name)
        utc.now += SECOND
        (aging / "new").touch()
    assert sorted(name for name in found if name) == ["a", "b", "c"]
    assert None in found


def test_once_ends_if_what_it_waits_for_is_removed(aging: Path) -> None:
    utc = Time()
    coming = names(source(aging, min_age=10.0, repeat=False), utc)
    assert next(coming) == "c"
    (aging / "a").unlink()
    (aging / "b").unlink()
    assert list(coming) == []


# --- a directory that others replace


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory elsewhere that has files of the same names."""
    elsewhere = tmp_path_factory.mktemp("outside")
    for name in ("a.csv", "b.txt", "c.csv", "sub/d.csv"):
        (elsewhere / name).parent.mkdir(exist_ok=True)
        (elsewhere / name).write_text("secret")
    return elsewhere


def content(source: Source, name: str) -> str:
    path, _ = find(source, locate(source, name)[0])
    assert source.folder is not None
    with os.fdopen(source.folder.open(path, os.O_RDONLY)) as file:
        return file.read()


def test_a_directory_that_is_replaced_by_a_link_is_not_followed(
    directory: Path, outside: Path
) -> None:
    with opened(source(directory, match=("*.csv",))) as files:
        coming = names(files)
        assert next(coming) == "a.csv"
        directory.rename(directory.with_name("away"))
        directory.symlink_to(outside)
        assert content(files, "a.csv") == "a.csv"
        (outside / "z.csv").touch()
        assert [next(coming), next(coming), next(coming)] == ["c.csv", "a.csv", "c.csv"]
        assert content(files, "a.csv") == "a.csv"


def test_a_directory_that_takes_its_place_is_used_from_the_next_pass(
    directory: Path, outside: Path
) -> None:
    with opened(source(directory, match=("*.csv",))) as files:
        coming = names(files)
        assert [next(coming), next(coming)] == ["a.csv", "c.csv"]
        shutil.rmtree(directory)
        with pytest.raises(FileNotFoundError):
            content(files, "a.csv")
        assert next(coming) is None
        outside.rename(directory)
        assert [next(coming), next(coming)] == ["a.csv", "c.csv"]
        assert content(files, "a.csv") == "secret"


def test_a_directory_above_that_is_replaced_by_a_link_is_not_followed(
    tmp_path: Path, outside: Path
) -> None:
    inner = tmp_path / "above" / "files"
    inner.mkdir(parents=True)
    (inner / "a.csv").write_text("right")
    (outside / "files").mkdir()
    (outside / "files" / "x.csv").touch()
    with opened(source(inner)) as files:
        coming = names(files)
        assert next(coming) == "a.csv"
        (tmp_path / "above").rename(tmp_path / "away")
        (tmp_path / "above").symlink_to(outside)
        assert next(coming) == "a.csv"
        assert content(files, "a.csv") == "right"


@pytest.mark.parametrize("follow_links", [False, True])
def test_a_directory_within_that_is_replaced_by_a_link_is_followed_only_if_asked_for(
    directory: Path, outside: Path, follow_links: bool
) -> None:
    with opened(source(directory, recursive=True, follow_links=follow_links)) as files:
        assert content(files, "sub/d.csv") == "sub/d.csv"
        (directory / "sub").rename(directory / ".sub")
        (directory / "sub").symlink_to(outside / "sub")
        assert ("sub/d.csv" in list_names(files)) == follow_links
        if follow_links:
            assert content(files, "sub/d.csv") == "secret"
        else:
            with pytest.raises(OSError, match="Not a directory"):
                content(files, "sub/d.csv")


def test_a_path_that_is_a_link_at_the_start_is_resolved_once(
    directory: Path, outside: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    link = tmp_path_factory.mktemp("links") / "current"
    link.symlink_to(directory)
    with opened(source(link, match=("*.csv",))) as files:
        coming = names(files)
        assert next(coming) == "a.csv"
        link.unlink()
        link.symlink_to(outside)
        assert [next(coming), next(coming)] == ["c.csv", "a.csv"]
        assert content(files, "a.csv") == "a.csv"


def test_no_descriptor_is_left_open(directory: Path) -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = count()
    with opened(source(directory, recursive=True)) as files:
        for _ in range(3):
            assert list_names(files)[-1] == "sub/d.csv"
            assert content(files, "sub/d.csv")
            with pytest.raises(OSError):  # noqa: PT011 - whatever it is
                content(files, "sub/none")
        assert count() == before + 1
    assert count() == before
