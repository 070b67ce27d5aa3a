from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable, Union

import pytest
import voluptuous as vol

from fthg.clock import Clock
from fthg.placeholders import Template
from fthg.protocols.options import make_options
from fthg.protocols.sftp import SftpSender
from fthg.protocols.sftp.options import SftpOptions
from fthg.transfer import Transfer
from tests.servers import sshd
from tests.servers.ssh_account import Account
from tests.servers.sshd import Sshd

MakeSender = Callable[..., SftpSender]


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd.running(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    home = tmp_path / "sshd"
    home.mkdir()
    with sshd.running(home) as started:
        yield started


@pytest.fixture
def make_sender() -> Iterator[MakeSender]:
    made: list[SftpSender] = []

    def make(server: Sshd, **changes: Any) -> SftpSender:
        sender = SftpSender(options(server, **changes), Clock())
        made.append(sender)
        return sender

    yield make
    for sender in made:
        sender.close()


def options(server: Union[Sshd, Account], **changes: Any) -> SftpOptions:
    """Return what the schema makes of a job; a value of None leaves a key out."""
    own: dict[str, Any] = {
        "user": server.user,
        "key": str(server.key),
        "known_hosts": str(server.known_hosts),
    }
    common: dict[str, Any] = {
        "job": "orders",
        "url": Template(server.url()),
        "timeout": 10.0,
        "connect_timeout": 5.0,
        "connections": 1,
        "reuse": True,
        "paced": False,
        "limit_rate": None,
        "connect_to": None,
    }
    for name, value in changes.items():
        (common if name in common else own)[name] = value
    common["url"] = Template(str(getattr(common["url"], "text", common["url"])))
    own = {name: value for name, value in own.items() if value is not None}
    return make_options(SftpOptions, vol.Schema(SftpSender.keys)(own), **common)


def transfer(path: Path, seq: int = 0, name: str = "") -> Transfer:
    size = path.stat().st_size if path.exists() else 0
    ident = str(uuid.UUID(int=seq + 1))
    return Transfer("orders", seq, ident, str(path), name or path.name, size, 0)
