from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.mariadb import MariaDB, mariadb
from tests.servers.mysql import MySQL, mysql

from .world import DATABASE, World


@pytest.fixture(scope="session")
def ingress_server() -> Iterator[MariaDB]:
    with mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def egress_server() -> Iterator[MariaDB]:
    with mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[MySQL]:
    with mysql() as server:
        yield server


@pytest.fixture
def world(ingress_server: MariaDB, egress_server: MariaDB, tmp_path: Path) -> World:
    """Return two empty tables of the standard schema."""
    for server in (ingress_server, egress_server):
        server.schema(DATABASE)
    return World(ingress_server, egress_server, tmp_path)
