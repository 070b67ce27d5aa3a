from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.nginx import Nginx, nginx
from tests.servers.sshd import Sshd, running


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with nginx(tmp_path_factory.mktemp("web")) as server:
        yield server


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running(tmp_path_factory.mktemp("ssh")) as server:
        yield server
