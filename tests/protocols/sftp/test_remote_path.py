from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.errors import TransferError
from fthg.placeholders import Template
from fthg.protocols.sftp.remote_path import RemotePaths
from fthg.transfer import Transfer
from fthg.urls import parse


def transfer(name: str) -> Transfer:
    return Transfer("orders", 7, "some-uuid", "/files/" + name, name, 1, 0)


def path(url: str, name: str = "a.txt", remote_name: str = "{filename}") -> bytes:
    return RemotePaths(parse(url).rest, Template(remote_name)).path(transfer(name))


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
