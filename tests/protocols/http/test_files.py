"""Local files that change while they are sent."""

from __future__ import annotations

import hashlib
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import pytest

from fthg.content import BLOCK, SMALL
from fthg.protocols.files import Files
from fthg.protocols.remembered import REMEMBERED
from tests.servers.faulty import Conversation, faulty

from .jobs import failed, sender, transfer


def shrink(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"other")


@pytest.mark.parametrize(
    ("change", "word"),
    [(shrink, "shrank"), (empty, "shrank"), (grow, "grew"), (rewrite, "written to")],
)
def test_a_file_that_changes_while_it_is_sent_fails(
    large: Path, adapter: dict[str, Any], change: Callable[[Path], None], word: str
) -> None:
    size, arrived = large.stat().st_size, []

    def script(client: Conversation) -> None:
        client.read_head()
        arrived.append(len(client.read(BLOCK)))
        change(large)
        arrived.append(len(client.read(size)))
        client.answer()

    with faulty(script) as server, sender(server.url, **adapter) as made:
        error = failed(made, transfer(large))
        gevent.sleep(0.05)
    assert error.kind == "file"
    assert word in error.detail
    assert str(large) in error.detail
    assert sum(arrived) < size


def test_a_file_that_vanishes_while_it_is_sent_still_arrives_whole(
    large: Path, adapter: dict[str, Any]
) -> None:
    size = large.stat().st_size

    def script(client: Conversation) -> None:
        client.read_head()
        large.unlink()
        client.answer("200 OK" if len(client.read(size)) == size else "400 Short")

    with faulty(script) as server, sender(server.url, **adapter) as made:
        assert made.send(transfer(large)).bytes == size


def polite(client: Conversation) -> None:
    while client.read_request():
        client.answer()


def test_a_missing_or_irregular_file_fails_before_anything_is_sent(tmp_path: Path) -> None:
    absent, pipe, locked = tmp_path / "absent", tmp_path / "pipe", tmp_path / "locked"
    os.mkfifo(pipe)
    locked.write_bytes(b"x")
    locked.chmod(0)
    with faulty(polite) as server, sender(server.url) as made:
        assert "vanished" in failed(made, transfer(absent)).detail
        for path in (absent, pipe, tmp_path):
            error = failed(made, transfer(path))
            assert error.kind == "file"
            assert str(path) in error.detail
        if os.geteuid():
            assert "Permission denied" in failed(made, transfer(locked)).detail
    assert server.connections == 0


@pytest.mark.parametrize("size", [10, SMALL + 1])
def test_a_file_that_was_replaced_is_sent_as_it_is_now(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    with faulty(polite) as server, sender(server.url) as made:
        for seq, content in enumerate((b"a" * size, b"b" * size, b"c" * (size + 1))):
            path.write_bytes(content)
            os.utime(path, ns=(0, seq))  # the clock of some file systems is coarse
            assert made.send(transfer(path, seq=seq)).bytes == len(content)
            assert server.heard[seq].endswith(content)


def test_small_files_are_remembered_up_to_a_bound(tmp_path: Path) -> None:
    files, count = Files(), REMEMBERED // SMALL + 50
    content = os.urandom(SMALL)
    for number in range(count):
        path = tmp_path / str(number)
        path.write_bytes(content)
        with files.open(transfer(path)) as opened:
            assert opened.small == content
    assert sum(known.size for known in files._known.values()) <= REMEMBERED
    with files.open(transfer(tmp_path / "0")) as again:
        assert again is files._known[str(tmp_path / "0")]


def test_files_are_closed_after_success_and_failure(large: Path, adapter: dict[str, Any]) -> None:
    def script(client: Conversation) -> None:
        if client.number % 2:
            client.reset()
        else:
            client.read_request()
            client.answer()

    with faulty(script) as server, sender(server.url, reuse=False, **adapter) as made:
        made.send(transfer(large))
        failed(made, transfer(large))
        before = len(os.listdir("/proc/self/fd"))
        for seq in range(4):
            made.send(transfer(large, seq=seq))
            failed(made, transfer(large, seq=seq))
        gevent.sleep(0.05)
        assert len(os.listdir("/proc/self/fd")) <= before


def test_a_lack_of_descriptors_is_reported_as_such(large: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with faulty(polite) as server, sender(server.url) as made:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            with pytest.raises(Exception) as caught:  # noqa: PT011 - looked at below
                made.send(transfer(large))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert getattr(caught.value, "kind", None) == "descriptors"


def test_a_file_that_was_replaced_with_size_and_mtime_kept_goes_out_with_its_new_content(
    small: Path, adapter: dict[str, Any]
) -> None:
    """As by `rsync -t --inplace`, or by `touch -d` after a change."""
    digests = []

    def script(client: Conversation) -> None:
        while request := client.read_request():
            digests.append(hashlib.sha256(request.partition(b"\r\n\r\n")[2]).hexdigest())
            client.answer()

    before, status = small.read_bytes(), small.stat()
    after = bytes(reversed(before))
    with faulty(script) as server, sender(server.url, **adapter) as made:
        for content in (before, before, after):
            gevent.sleep(0.02)  # ctime is as coarse as the kernel's ticks
            with small.open("r+b") as file:
                file.write(content)
            os.utime(small, ns=(status.st_atime_ns, status.st_mtime_ns))
            made.send(transfer(small))
    assert small.stat().st_mtime_ns == status.st_mtime_ns
    assert digests == [hashlib.sha256(each).hexdigest() for each in (before, before, after)]


def test_new_rights_while_a_file_is_sent_do_no_harm(large: Path, adapter: dict[str, Any]) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.read(BLOCK)
        large.chmod(0o600)
        client.read(large.stat().st_size - BLOCK)
        client.answer()

    with faulty(script) as server, sender(server.url, **adapter) as made:
        assert made.send(transfer(large)).bytes == large.stat().st_size
