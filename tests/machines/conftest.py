from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import free_port, slurm
from tests.servers.nginx import Nginx, nginx
from tests.servers.sshd import Sshd, running

from .playbook import Playing
from .runs import PATH, Runs


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what waits for the playbook last."""
    items.sort(key=_waits_for_the_playbook)


@pytest.fixture(scope="session", autouse=True)
def _begun_ahead(request: pytest.FixtureRequest) -> None:
    """Begin the playbook before the first test: it takes longest, and waits most of the time."""
    if any(_waits_for_the_playbook(item) for item in request.session.items):
        request.getfixturevalue("playing")


def _waits_for_the_playbook(item: pytest.Item) -> bool:
    return "playing" in getattr(item, "fixturenames", ())


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


@pytest.fixture(scope="session")
def playing(hosts: Path, web: Nginx, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playing]:
    """Yield the playbook, begun on four hosts of which one cannot be reached."""
    runs = Runs(tmp_path_factory.mktemp("playbook"), web, rate=100, seconds=2)
    playing = Playing(runs, hosts, runs.lead(20))  # with those of other tests that run meanwhile
    yield playing
    playing.kill()


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
