from __future__ import annotations

from pathlib import Path

import pytest

from . import delivery, tools
from .cell import THROUGH, Cell
from .logins import LOGINS
from .ssh_servers import SshServers
from .wallet import Wallet


@pytest.mark.parametrize("cell", LOGINS, ids=[cell.name for cell in LOGINS])
def test_whoever_sftp_logs_in_as_fthg_logs_in_as(
    cell: Cell,
    ssh_servers: SshServers,
    wallet: Wallet,
    file: Path,
) -> None:
    server = ssh_servers.get(cell.server, cell.trait)
    means = wallet.means(cell.trait, server.password)
    directory = server.url().partition(f":{server.port}")[2].rstrip("/")

    said = tools.sftp(
        f"{server.user}@127.0.0.1", server.port, server.known_hosts, means.ssh, means.answers,
        file, f"{directory}/by-sftp-{file.name}",
    )  # fmt: skip
    assert cell.tool == THROUGH
    assert delivery.arrived(server.root, f"by-sftp-{file.name}", file), said

    given = {"user": server.user, "known_hosts": str(server.known_hosts), **means.options}
    assert cell.expected == THROUGH
    delivery.send_by_sftp(server.url(), file, given)
    assert delivery.arrived(server.root, file.name, file)
