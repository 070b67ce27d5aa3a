"""A server or a proxy that never stops sending takes the place of an honest one."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from tests.servers import http_flood
from tests.servers.web_store import PROGRAMS, listening

from ..case import Case, Event
from ..observed import TARGET
from ..servers import Ssh, quiet_port
from ..world import World
from .undelayed import both_ends

_IN_PROGRESS = ("reset", "refused")  # at the moment of the change


def http(name: str) -> Event:
    """Return the event of one of the floods of HTTP."""

    @contextmanager
    def event(world: World) -> Iterator[None]:
        with _instead(world, http_flood.command(world.target.port, name)):
            yield

    return event


def ssh(name: str) -> Event:
    """Return the event of one of the floods of SSH; the host key stays the same."""

    @contextmanager
    def event(world: World) -> Iterator[None]:
        assert isinstance(world.target, Ssh)
        words = [str(world.target.port), str(world.target.sshd.host_key), name]
        with _instead(world, [sys.executable, str(PROGRAMS / "ssh_flood.py"), *words]):
            yield

    return event


@contextmanager
def _instead(world: World, command: Sequence[str]) -> Iterator[None]:
    """Run a server in place of the target."""
    world.target.stop()
    with listening(command, world.target.port, world.directory / "flood"):
        yield
    world.target.start()


class _Front:
    """A proxy for the job, at one port all the time: an honest one, or another."""

    def __init__(self, world: World) -> None:
        self.port = quiet_port()
        self._log = world.directory / "proxy"
        self._running = ExitStack()

    def change(self, name: str) -> None:
        """Run it anew, as one of programs/http_flood.py."""
        self.stop()
        command = http_flood.command(self.port, name)
        self._running.enter_context(listening(command, self.port, self._log))

    def stop(self) -> None:
        """End it."""
        self._running.close()


_fronts: dict[World, _Front] = {}


@contextmanager
def behind_proxy(world: World) -> Iterator[None]:
    """Let the job use an honest proxy."""
    front = _fronts[world] = _Front(world)
    try:
        front.change("relay")
        world.configuration["jobs"][TARGET]["proxy"] = f"http://127.0.0.1:{front.port}"
        yield
    finally:
        front.stop()
        del _fronts[world]


@contextmanager
def flooding_proxy(world: World) -> Iterator[None]:
    """Let that proxy answer CONNECT with a head that does not end."""
    _fronts[world].change("head")
    yield
    _fronts[world].change("relay")


_HTTP = (*_IN_PROGRESS, "protocol", "timeout", "status")
_SSH = (*_IN_PROGRESS, "protocol", "timeout", "connect_timeout")

_SFTP: dict[str, Any] = {"protocol": "sftp"}

CASES: list[Case] = [
    *both_ends("endless 1xx answers", http("interim answers"), _HTTP),
    *both_ends("endless chunks of a byte", http("tiny chunks"), _HTTP, fast="waits"),
    *both_ends("endless body", http("body"), _HTTP),
    *both_ends("64,000 spaces and a NUL", http("spaces and a NUL"), _HTTP),
    *both_ends("endless answers before a request", http("unasked answers"), _HTTP),
    *both_ends(
        "endless head of a proxy",
        flooding_proxy,
        (*_HTTP, "proxy"),
        protocol="https",
        stage=behind_proxy,
    ),
    *both_ends("IGNORE without end before login", ssh("raw-ignore"), _SSH, **_SFTP),
    *both_ends("DEBUG without end before login", ssh("raw-debug"), _SSH, **_SFTP),
    *both_ends("keepalives without end", ssh("keepalive"), _SSH, fast="interrupted", **_SFTP),
    *both_ends("standard error without end", ssh("stderr"), _SSH, **_SFTP),
    *both_ends("window adjusts without end", ssh("window"), _SSH, **_SFTP),
]
