from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import free_port, slurm
from tests.servers.nginx import Nginx, nginx
from tests.servers.sshd import Sshd, running

from .runs import PATH


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with nginx(tmp_path_factory.mktemp("web")) as server:
        yield server


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[slurm.Slurm]:
    with slurm.running(tmp_path_factory.mktemp("slurm")) as running:
        yield running


@pytest.fixture(scope="session")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a configuration of ssh: host0 to host3 are one sshd, and nothing listens at host4."""
    home = tmp_path_factory.mktemp("ssh")
    # A login begins in this directory, not in that of the user.
    command = f'cd {home}; PATH="{PATH}"; eval "$SSH_ORIGINAL_COMMAND"'
    with running(home, f"ForceCommand {command}") as server:
        yield ssh_config(server, home / "hosts.conf")


def ssh_config(server: Sshd, path: Path) -> Path:
    path.write_text(f"""
Host host4
    Port {free_port()}
Host host*
    HostName 127.0.0.1
    HostKeyAlias [127.0.0.1]:{server.port}
    Port {server.port}
    User {server.user}
    IdentityFile {server.key}
    IdentitiesOnly yes
    UserKnownHostsFile {server.known_hosts}
""")
    return path
