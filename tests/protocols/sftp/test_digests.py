"""Digests in remote names, and content that no file holds, at OpenSSH."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from fthg.content import BLOCK, SMALL
from fthg.errors import TransferError
from fthg.load.files.generate import Generate
from fthg.load.files.templates import Templates
from fthg.placeholders import Template
from tests.servers.sshd import Sshd

from .conftest import MakeSender, options, transfer


@pytest.mark.parametrize("size", [0, 10, SMALL + 1, 5 * BLOCK])
def test_a_remote_name_tells_the_digest_of_the_file(
    server: Sshd, make_sender: MakeSender, tmp_path: Path, size: int
) -> None:
    path = tmp_path / "file"
    sender = make_sender(server, remote_name="{sha256}-{md5}-{size}")
    for seq in range(3):
        path.write_bytes(os.urandom(size + seq))
        assert sender.send(transfer(path, seq)).bytes == size + seq
    arrived = [(each.name, each.read_bytes()) for each in server.root.iterdir()]
    assert len(arrived) == 3
    for name, content in arrived:
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        assert name == f"{hashlib.sha256(content).hexdigest()}-{md5}-{len(content)}"


@pytest.mark.parametrize("size", [1000, 5 * BLOCK])
def test_generated_files_arrive_under_their_names(
    server: Sshd, make_sender: MakeSender, size: int
) -> None:
    how = Generate(size, size + 99, Template("order-{seq}.dat"), text=False, seed=7)
    sender = make_sender(server, check_size="true")
    for seq in range(3):
        sent = how.transfer("orders", seq, "u", 0)
        assert sender.send(sent).bytes == sent.size
        assert sent.content is not None
        arrived = (server.root / f"order-{seq}.dat").read_bytes()
        assert arrived == b"".join(sent.content.blocks())


@pytest.mark.parametrize("lines", [1, 20_000])
def test_filled_templates_arrive_whole(
    server: Sshd, make_sender: MakeSender, tmp_path: Path, lines: int
) -> None:
    path = tmp_path / "file"
    path.write_text("{uuid} {seq}\n" * lines)
    templates = Templates()
    sender = make_sender(server, remote_name="{seq}-{sha256}", check_size="true")
    for seq in range(3):
        sent = templates.fill(transfer(path, seq))
        expected = f"{sent.uuid} {seq}\n".encode() * lines
        assert sender.send(sent).bytes == sent.size == len(expected)
        name = f"{seq}-{hashlib.sha256(expected).hexdigest()}"
        assert (server.root / name).read_bytes() == expected


@pytest.mark.parametrize("key", ["url", "remote_name"])
def test_base64_cannot_be_part_of_a_path(server: Sshd, key: str) -> None:
    text = {"url": server.url("/in/{md5_base64}"), "remote_name": "{md5_base64}"}[key]
    conflicts = list(options(server, **{key: text}).conflicts())
    assert conflicts == [(key, "{md5_base64} may hold a slash, which no name can: use {md5}")]


def test_a_digest_for_which_there_is_no_time_is_what_the_error_names(
    server: Sshd, make_sender: MakeSender
) -> None:
    sent = Generate(1 << 40, 1 << 40, Template("a"), seed=7).transfer("orders", 0, "u", 0)
    with pytest.raises(TransferError) as caught:
        make_sender(server, remote_name="{sha256}", timeout=0.3).send(sent)
    assert caught.value.kind == "timeout"
    assert caught.value.detail.endswith("the digest of its content was still being computed")
    assert caught.value.phases == {}  # it waited for no connection
