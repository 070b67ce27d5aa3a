"""Secrets in files: read again when the file changes, kept when it cannot be read."""

from __future__ import annotations

import gc
import logging
import os
from pathlib import Path

import gevent
import pytest

from fthg.clock import SECOND
from fthg.config.secret_file import FileSecret, read_secret
from fthg.log import Masks
from fthg.protocols.secret_text import SecretText, secret_text
from tests.servers.hung_disk import hung_disk


class Moment:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def pass_by(self) -> None:
        self.now += SECOND


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "secret"
    made.write_text("first-one\n")
    return made


def of(path: Path, now: Moment) -> SecretText:
    return SecretText(read_secret(str(path)), now=now)


def test_a_file_that_changes_is_read_again_within_a_second(path: Path) -> None:
    now = Moment()
    secret = of(path, now)
    path.write_text("second-one\nmore\n")
    assert secret.current() == "first-one"
    now.pass_by()
    assert secret.current() == "second-one"
    other = path.with_name("other")
    other.write_text("third-one")
    other.replace(path)
    now.pass_by()
    assert secret.current() == "third-one"


def test_what_was_read_is_masked_in_outputs_that_are_there_already(path: Path) -> None:
    mask, now = Masks([]), Moment()
    secret = of(path, now)
    path.write_text("new-pass/wörd\n")
    now.pass_by()
    secret.current()
    for text in ("new-pass/wörd", "new-pass%2Fw%C3%B6rd", "bmV3LXBhc3Mvd8O2cmQ="):
        assert mask(f"it was {text}.").startswith("it was ***")
    assert mask.excerpt("x" * 200 + " new-pass/w").endswith(" ***")
    del secret
    gc.collect()
    assert mask("new-pass/wörd") == "new-pass/wörd", "its source is gone"


@pytest.mark.parametrize("content", [None, b"", b"\nnext\n", b"\xff\xfe", b"x" * 70_000])
def test_a_file_that_holds_no_secret_leaves_the_last_one(
    path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    now = Moment()
    secret = of(path, now)
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            now.pass_by()
            assert secret.current() == "first-one"
    (record,) = caplog.records
    assert str(path) in str(vars(record)["fields"])
    path.write_text("second-one")
    now.pass_by()
    assert secret.current() == "second-one"


def test_a_pipe_is_read_once(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reading, writing = os.pipe()
    try:
        os.write(writing, b"first-one\n")
        os.close(writing)
        now = Moment()
        secret = SecretText(read_secret(f"/dev/fd/{reading}"), now=now)
        path.unlink()
        os.mkfifo(path)
        named = SecretText(FileSecret("second-one", str(path)), now=now)
        now.pass_by()
        assert (secret.current(), named.current()) == ("first-one", "second-one")
    finally:
        os.close(reading)
    assert not caplog.records


def test_what_a_key_cannot_use_leaves_the_last_one(path: Path) -> None:
    def check(text: str) -> str:
        if " " in text:
            raise ValueError("one word")
        return text

    now = Moment()
    secret = SecretText(read_secret(str(path)), check, now)
    path.write_text("two words")
    now.pass_by()
    assert secret.current() == "first-one"


def test_jobs_with_the_same_file_share_the_secret(path: Path) -> None:
    one = secret_text(read_secret(str(path)))
    assert secret_text(read_secret(str(path))) is one
    assert one.changes
    path.write_text("other")
    assert secret_text(read_secret(str(path))) is not one
    assert not secret_text("plain").changes
    assert "plain" not in repr(secret_text("plain"))


def test_a_file_system_that_hangs_holds_up_one_transfer_for_a_moment(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = Moment()
    with hung_disk(tmp_path) as disk, caplog.at_level(logging.WARNING):
        (disk.behind / "secret").write_text("first-one")
        secret = of(disk.path / "secret", now)
        disk.hang()
        now.pass_by()
        assert secret.current() == "first-one"
        for _ in range(100):  # no second thread, and no second wait
            now.pass_by()
            assert secret.current() == "first-one"
        (disk.behind / "secret").write_text("second-one")
        disk.go_on()
        gevent.sleep(0.5)
        now.pass_by()
        assert secret.current() == "second-one"
    assert len(caplog.records) == 1


def test_others_run_while_a_file_is_read(path: Path) -> None:
    now = Moment()
    secret = of(path, now)
    path.write_text("second-one")
    now.pass_by()
    reading = gevent.spawn(secret.current)
    gevent.sleep(0)
    assert secret.current() == "first-one", "it is still being read"
    assert reading.get(timeout=10) == "second-one"
