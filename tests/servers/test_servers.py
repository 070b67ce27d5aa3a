"""Each server that stores uploads starts, and takes one file from a client of its own kind."""

from __future__ import annotations

import subprocess
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Callable

import pytest

from . import apache, asyncssh, conch, dropbear, gunicorn, lighttpd, need, node
from .inventory import inventory, stored
from .ssh_account import Account
from .web_store import WebStore

WEB: dict[str, Callable[[Path], AbstractContextManager[WebStore]]] = {
    "apache": lambda _: apache.running(),
    "lighttpd": lighttpd.running,
    "node": node.http_store,
    "gunicorn": gunicorn.running,
}
SSH: dict[str, Callable[[Path], AbstractContextManager[Account]]] = {
    "asyncssh": asyncssh.running,
    "conch": conch.running,
    "dropbear": dropbear.running,
    "ssh2": node.ssh2,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sent"
    path.write_bytes(bytes(range(256)) * 5000)
    return path


@pytest.mark.parametrize("name", WEB)
def test_an_http_server_stores_what_is_put_there(tmp_path: Path, name: str, file: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with WEB[name](home) as server:
        url = f"{server.url}/{'store/' if name in {'node', 'gunicorn'} else ''}there"
        request = urllib.request.Request(url, file.read_bytes(), method="PUT")
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status in range(200, 300)
        assert server.inventory() == {"there": stored(file)}


@pytest.mark.parametrize("name", SSH)
def test_an_sftp_server_stores_what_is_put_there(tmp_path: Path, name: str, file: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with SSH[name](home) as server:
        options = [
            f"-oIdentityFile={server.key}", f"-oUserKnownHostsFile={server.known_hosts}",
            "-oIdentitiesOnly=yes", "-oBatchMode=yes", f"-P{server.port}",
        ]  # fmt: skip
        done = subprocess.run(
            [need("sftp"), *options, "-b", "-", f"{server.user}@127.0.0.1"],
            input=f"put {file} {server.root}/there\n".encode(),
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert inventory(server.root) == {"there": stored(file)}
