from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.errors import TransferError
from fthg.placeholders import Template
from fthg.protocols.sftp.remote_path import RemoteNames, RemotePaths
from fthg.transfer import Transfer
from fthg.urls import parse


def transfer(name: str) -> Transfer:
    return Transfer("orders", 7, "some-uuid", "/files/" + name, name, 1, 0)


def path(url: str, name: str = "a.txt", remote_name: str = "{filename}") -> bytes:
    return RemotePaths(parse(url).rest, Template(remote_name)).names(transfer(name)).target


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sftp://host", b"a.txt"),
        ("sftp://host/", b"/a.txt"),
        ("sftp://host/in", b"/in/a.txt"),
        ("sftp://host/in/", b"/in/a.txt"),
        ("sftp://host/~", b"a.txt"),
        ("sftp://host/~/in", b"in/a.txt"),
        ("sftp://host/a%20b", b"/a b/a.txt"),
        ("sftp://host/a%20b/{job}-{seq}", b"/a b/orders-7/a.txt"),
        ("sftp://host/{{x}}%25", b"/{x}%/a.txt"),
    ],
)
def test_the_directory_is_absolute_unless_it_begins_at_home(url: str, expected: bytes) -> None:
    assert path(url) == expected


def test_a_files_name_goes_as_it_is_on_disk() -> None:
    name = "\N{LATIN SMALL LETTER U WITH DIAERESIS} %20\udcff"
    assert path("sftp://h/in", name) == b"/in/\xc3\xbc %20\xff"
    assert path("sftp://h/{filename}", name, "f") == b"/\xc3\xbc %20\xff/f"


def test_a_path_keeps_its_directories() -> None:
    assert path("sftp://h/in", "x/y/a.txt", "{path}") == b"/in/x/y/a.txt"


def test_a_name_of_the_configuration_may_lead_anywhere() -> None:
    assert path("sftp://h/in", remote_name="/elsewhere/{filename}") == b"/elsewhere/a.txt"
    assert path("sftp://h/in", remote_name="../{filename}") == b"/in/../a.txt"


@pytest.mark.parametrize(
    ("name", "remote_name"),
    [
        ("../a.txt", "{path}"),
        ("x/../a.txt", "{path}"),
        ("a.txt\0", "{filename}"),
        ("a.", ".{suffix}"),
        ("a", "{suffix}"),
        ("a", "in/{suffix}"),
        ("a.b/c", "{suffix}"),
    ],
)
def test_a_files_name_cannot_lead_elsewhere(name: str, remote_name: str) -> None:
    with pytest.raises(TransferError) as caught:
        path("sftp://h/in", name, remote_name)
    assert caught.value.kind == "name"


NAMES = st.text(min_size=1).filter(lambda name: "\0" not in name)


@given(NAMES, st.sampled_from(["{filename}", "{stem}{suffix}", ".{suffix}", "x{stem}", "{path}"]))
def test_no_name_leaves_the_directory(name: str, remote_name: str) -> None:
    made: Any = None
    try:
        made = path("sftp://h/in", name, remote_name)
    except TransferError as error:
        assert error.kind == "name"  # noqa: PT017 - most names are good
    except UnicodeEncodeError:
        assert not name.isprintable()  # a surrogate that no file name on disk can yield
    if made is not None and not name.startswith("/"):
        assert made.startswith(b"/in/")
        assert b".." not in made.split(b"/")


# --- the name while it is written, and that of the marker


def names(
    remote_name: str = "{filename}", part: str = "", marker: str = "", name: str = "a.txt"
) -> RemoteNames:
    templates = (Template(text) if text else None for text in (part, marker))
    return RemotePaths("/in", Template(remote_name), *templates).names(transfer(name))


def test_without_them_a_file_has_its_own_name_at_once() -> None:
    assert names() == RemoteNames(b"/in/a.txt", b"/in/a.txt", None)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("{filename}.{uuid}.part", b"/in/x/a.txt.some-uuid.part"),
        (".tmp/{stem}", b"/in/x/.tmp/a"),
        ("../{filename}.new", b"/in/x/../a.txt.new"),
        ("/tmp/{seq}", b"/tmp/7"),
    ],
)
def test_they_are_relative_to_the_directory_of_the_file(template: str, path: bytes) -> None:
    assert names("{path}", part=template, name="x/a.txt").part == path
    assert names("{path}", marker=template, name="x/a.txt").marker == path


@pytest.mark.parametrize("key", ["part", "marker"])
@pytest.mark.parametrize(
    ("name", "template"), [("x/../a.txt", "{path}.n"), ("a.", "{suffix}"), ("a", "{suffix}")]
)
def test_out_of_the_directory_leads_no_files_name(key: str, name: str, template: str) -> None:
    with pytest.raises(TransferError) as caught:
        names("fixed", name=name, **{key: template})
    assert caught.value.kind == "name"
    assert ("temporary name" if key == "part" else "marker") in caught.value.detail or (
        "remote name" in caught.value.detail
    )


@pytest.mark.parametrize(
    ("part", "marker", "words"),
    [
        ("{filename}", "", "temporary_name and remote_name are the same: b'/in/a.txt'"),
        ("", "{stem}.txt", "marker and remote_name are the same: b'/in/a.txt'"),
        ("x.{filename}", "x.{stem}.txt", "marker and temporary_name are the same"),
        ("", "./{filename}", "marker and remote_name are the same: b'/in/./a.txt'"),
        ("", "../in//{filename}", "marker and remote_name are the same"),
        ("", "//in/{filename}", "marker and remote_name are the same"),
        ("/in/./{filename}", "", "temporary_name and remote_name are the same"),
    ],
)
def test_names_that_come_out_the_same_are_refused(part: str, marker: str, words: str) -> None:
    with pytest.raises(TransferError) as caught:
        names(part=part, marker=marker)
    assert caught.value.kind == "name"
    assert words in caught.value.detail


@pytest.mark.parametrize("key", ["part", "marker"])
def test_a_digest_in_them_needs_the_content_too(key: str) -> None:
    texts = {"part": "{filename}.part", "marker": "{filename}.done", key: "{filename}.{sha256}"}
    templates = [Template(texts[each]) for each in ("part", "marker")]
    assert RemotePaths("/in", Template("{filename}"), *templates).show_content
