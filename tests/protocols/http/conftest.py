from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.certificates import Authority, Pair, make_ca, server_certificate
from tests.servers.nginx import Nginx, nginx

from .ways import WAYS, Way
from .ways import way as way_to


@pytest.fixture(params=["false", "true"], ids=["direct", "redirects allowed"])
def adapter(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Allow redirects or not: outcomes and errors of all else must be the same."""
    return {"follow_redirects": request.param}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, ca: Authority, certificate: Pair) -> Iterator[Way]:
    """Select the way to the server: outcomes and errors must be the same on all of them."""
    with way_to(request.param, str(ca.cert), certificate) as made:
        yield made


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "order.xml"
    path.write_bytes(b"<order/>")
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(range(256)) * 32 * 1024)  # 8 MiB
    return path


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_ca(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def certificate(ca: Authority, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return server_certificate(ca, tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with nginx(tmp_path_factory.mktemp("plain")) as server:
        yield server


@pytest.fixture(scope="session")
def secure(certificate: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with nginx(tmp_path_factory.mktemp("secure"), certificate) as server:
        yield server
