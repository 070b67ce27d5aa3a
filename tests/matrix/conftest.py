"""Fixtures of the cells: credentials, and servers started by the first cell that needs them."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ssh_agent

from .ssh_servers import SshServers
from .wallet import Wallet


@pytest.fixture(scope="package")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wallet]:
    made = Wallet(tmp_path_factory.mktemp("wallet"))
    with ssh_agent.running(Path(made.socket)), pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSH_AUTH_SOCK", made.socket)
        made.fill_agent()
        yield made


@pytest.fixture(scope="package")
def ssh_servers(tmp_path_factory: pytest.TempPathFactory, wallet: Wallet) -> Iterator[SshServers]:
    with contextlib.ExitStack() as stack:
        yield SshServers(tmp_path_factory.mktemp("ssh"), wallet, stack)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a content and a name of its own."""
    path = tmp_path / f"file-{secrets.token_hex(4)}"
    path.write_bytes(secrets.token_bytes(70_000))
    return path
