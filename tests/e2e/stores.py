"""The servers whose contents are compared with fthg's books, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Callable, NamedTuple

from tests.servers import apache, asyncssh, dropbear, gunicorn, lighttpd, node, sshd
from tests.servers.inventory import Inventory, inventory
from tests.servers.nginx import nginx


class Place(NamedTuple):
    """A running server: the keys of a job that stores `{uuid}` there, and the files it has."""

    keys: Mapping[str, Any]
    files: Path

    def inventory(self) -> Inventory:
        """Return the files that arrived."""
        return inventory(self.files)


def web(url: str, files: Path) -> Place:
    """Return the place below a URL."""
    return Place({"url": f"{url}/{{uuid}}", "method": "PUT"}, files)


@contextmanager
def _nginx(home: Path) -> Iterator[Place]:
    with nginx(home / "nginx") as server:
        yield web(server.url, server.directory / "files")


@contextmanager
def _apache(_home: Path) -> Iterator[Place]:
    with apache.running() as server:
        yield web(server.url, server.files)


@contextmanager
def _lighttpd(home: Path) -> Iterator[Place]:
    with lighttpd.running(home) as server:
        yield web(server.url, server.files)


@contextmanager
def _node(home: Path) -> Iterator[Place]:
    with node.http_store(home) as server:
        yield web(f"{server.url}/store", server.files)


@contextmanager
def _gunicorn(home: Path) -> Iterator[Place]:
    with gunicorn.running(home) as server:
        yield web(f"{server.url}/store", server.files)


def _ssh(running: Callable[[Path], AbstractContextManager[Any]]) -> Store:
    @contextmanager
    def place(home: Path) -> Iterator[Place]:
        with running(home) as server:
            keys = {
                "url": server.url(),
                "user": server.user,
                "key": str(server.key),
                "known_hosts": str(server.known_hosts),
                "remote_name": "{uuid}",
            }
            yield Place(keys, server.root)

    return place


Store = Callable[[Path], AbstractContextManager[Place]]
"""Runs a server in an empty directory."""

WEB: Mapping[str, Store] = {
    "nginx": _nginx,
    "apache": _apache,
    "lighttpd": _lighttpd,
    "node": _node,
    "gunicorn": _gunicorn,
}
SSH: Mapping[str, Store] = {
    "openssh": _ssh(sshd.running),
    "asyncssh": _ssh(asyncssh.running),
    "ssh2": _ssh(node.ssh2),
    "dropbear": _ssh(dropbear.running),
}
