"""Servers that return with another identity: an untrusted certificate, another host key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.certificates import make_ca, server_certificate

from ..case import Case, Promise, matrix
from ..observed import TARGET, Observed
from ..servers import Ssh, Web
from ..world import World

_MOMENT = 0.5  # seconds that the change may take


@contextmanager
def other_certificate(world: World) -> Iterator[None]:
    """Restart nginx with a certificate of an untrusted authority."""
    web = world.target
    assert isinstance(web, Web)
    right = web.certificate
    web.certificate = server_certificate(
        make_ca(web.directory, "stranger"), web.directory, "strange"
    )
    _restart(world)
    try:
        yield
    finally:
        web.certificate = right
        _restart(world)


@contextmanager
def other_host_key(world: World) -> Iterator[None]:
    """Restart sshd with another host key."""
    assert isinstance(world.target, Ssh)
    sshd = world.target.sshd
    other = sshd.make_key("host_other", "ed25519")
    right = sshd.host_key.read_bytes()
    sshd.host_key.write_bytes(other.read_bytes())
    _restart(world)
    try:
        yield
    finally:
        sshd.host_key.write_bytes(right)
        _restart(world)


def _restart(world: World) -> None:
    world.target.stop()
    world.target.start()


def seen_through(kind: str) -> Promise:
    """Check that the stranger was refused and received no file."""

    def promise(seen: Observed) -> Iterator[str]:
        if kind not in seen.kinds:
            yield f"no failure is of kind {kind}"
        given = [
            line["uuid"]
            for line in seen.results[TARGET]
            if line["outcome"] == "ok"
            and line["start"] > seen.began + _MOMENT
            and line["end"] < seen.over - _MOMENT
        ]
        if given:
            yield f"{len(given)} files were given to a stranger, such as {given[0]}"

    return promise


_RESTART = ("reset", "refused")

CASES: list[Case] = [
    *matrix(
        "certificate replaced by an untrusted one",
        other_certificate,
        ("tls", *_RESTART),
        protocols=("https",),
        also=seen_through("tls"),
        back_within=2.0,
        fast=("https open",),
    ),
    *[
        case
        for policy in ("strict", "accept-new")
        for case in matrix(
            f"host key changed, {policy}",
            other_host_key,
            ("host_key", *_RESTART),
            protocols=("sftp",),
            keys={"host_key": policy},
            also=seen_through("host_key"),
            back_within=2.0,
            fast=("sftp open",) if policy == "strict" else (),
        )
    ],
]
