from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Callable, NamedTuple
from urllib.parse import quote

import pytest

from fthg.errors import TransferError
from tests.servers import danted, free_port, nginx, socks, squid, sshd, tinyproxy
from tests.servers.certificates import make_ca, server_certificate
from tests.servers.sshd import Sshd

from . import delivery, tools, ways
from .cell import THROUGH, Cell

_USER, _PASSWORD = "partner", "pässword"

GetProxy = Callable[[str], str]
Start = Callable[[Path], contextlib.AbstractContextManager[str]]


class Targets(NamedTuple):
    """A server of each protocol, and a host to jump over."""

    sftp: Sshd
    bastion: Sshd
    http: nginx.Nginx
    https: nginx.Nginx
    ca: Path


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Targets]:
    home = tmp_path_factory.mktemp("targets")
    authority = make_ca(home)
    certificate = server_certificate(authority, home)
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(sshd.running(tmp_path_factory.mktemp(name)))
            for name in ("sshd", "bastion")
        ]
        webs = [
            stack.enter_context(nginx.nginx(home / "http")),
            stack.enter_context(nginx.nginx(home / "https", certificate)),
        ]
        yield Targets(*servers, *webs, authority.cert)  # type: ignore[call-arg, arg-type]


@pytest.fixture(scope="module")
def proxy_of(tmp_path_factory: pytest.TempPathFactory, targets: Targets) -> Iterator[GetProxy]:
    """Return the URL of a proxy, which starts with its first cell."""
    secret = quote(_PASSWORD)
    starts: dict[str, tuple[str, Start]] = {
        ways.TINYPROXY: ("http://", tinyproxy.running),
        ways.SQUID: (f"http://{_USER}:{secret}@", lambda _: squid.running(_USER, _PASSWORD)),
        ways.MICROSOCKS: ("socks5://", socks.running),
        ways.SOCKS5H: ("socks5h://", socks.running),
        ways.MICROSOCKS_USER: (
            f"socks5://{_USER}:{secret}@", lambda home: socks.running(home, _USER, _PASSWORD)
        ),
        ways.DANTED: ("socks5://", danted.running),
        ways.SSH_D: ("socks5://", lambda _: socks.over_ssh(targets.bastion)),
    }  # fmt: skip
    started: dict[str, str] = {}
    with contextlib.ExitStack() as stack:

        def get(way: str) -> str:
            if way not in started:
                before, start = starts[way]
                home = tmp_path_factory.mktemp("proxy")
                started[way] = before + stack.enter_context(start(home))
            return started[way]

        yield get


PROXIED = [cell for cell in ways.WAYS if cell.trait in ways.PROXIES]


@pytest.mark.parametrize("cell", PROXIED, ids=[cell.name for cell in PROXIED])
def test_a_proxy_that_leads_curl_to_a_server_leads_fthg_there(
    cell: Cell, targets: Targets, proxy_of: GetProxy, file: Path
) -> None:
    proxy = proxy_of(cell.trait)
    said = _by_curl(cell.server, targets, file, "-x", proxy)
    assert cell.tool == THROUGH
    assert delivery.arrived(_files(cell.server, targets), f"by-curl-{file.name}", file), said

    assert cell.expected == THROUGH
    _by_fthg(cell.server, targets, file, proxy=proxy)
    assert delivery.arrived(_files(cell.server, targets), file.name, file)

    gone = f"{proxy.rpartition(':')[0]}:{free_port()}"
    with pytest.raises(TransferError) as caught:  # so the way led through the proxy
        _by_fthg(cell.server, targets, file, proxy=gone)
    assert caught.value.kind in {"connect", "proxy"}


@pytest.mark.parametrize("target", ways.TARGETS)
def test_the_direct_way(targets: Targets, target: str, file: Path) -> None:
    said = _by_curl(target, targets, file)
    assert delivery.arrived(_files(target, targets), f"by-curl-{file.name}", file), said
    _by_fthg(target, targets, file)
    assert delivery.arrived(_files(target, targets), file.name, file)


def test_a_host_to_jump_over(targets: Targets, file: Path) -> None:
    server, bastion = targets.sftp, targets.bastion
    through = (
        f"ProxyCommand=ssh -F none -i {bastion.key} -o UserKnownHostsFile={bastion.known_hosts}"
        f" -o BatchMode=yes -p {bastion.port} -W %h:%p {bastion.user}@127.0.0.1"
    )
    said = tools.sftp(
        f"{server.user}@127.0.0.1", server.port, server.known_hosts,
        ("-o", through, "-i", str(server.key)), "", file, f"{server.root}/by-sftp",
    )  # fmt: skip
    assert delivery.arrived(server.root, "by-sftp", file), said

    before = bastion.log.read_text().count("Accepted publickey")
    jump = {
        "host": f"{bastion.user}@127.0.0.1:{bastion.port}",
        "key": str(bastion.key),
        "known_hosts": str(bastion.known_hosts),
    }
    _by_fthg("SFTP", targets, file, jump=jump)
    assert delivery.arrived(server.root, file.name, file)
    assert bastion.log.read_text().count("Accepted publickey") == before + 1


def _files(target: str, targets: Targets) -> Path:
    """Return where a server stores files."""
    if target == "SFTP":
        return targets.sftp.root
    return _web(target, targets).directory / "files"


def _web(target: str, targets: Targets) -> nginx.Nginx:
    return targets.http if target == "HTTP" else targets.https


def _by_curl(target: str, targets: Targets, file: Path, *words: str) -> str:
    name, server = f"by-curl-{file.name}", targets.sftp
    if target != "SFTP":
        url = f"{_web(target, targets).url}/{name}"
        return tools.curl("--cacert", str(targets.ca), "-T", str(file), *words, url)
    login = ("--key", str(server.key), "--pubkey", f"{server.key}.pub", "-u", f"{server.user}:")
    tunnel = ("-p",) if words else ()
    return tools.curl("-k", *login, *tunnel, "-T", str(file), *words, server.url() + f"/{name}")


def _by_fthg(target: str, targets: Targets, file: Path, **given: object) -> None:
    server = targets.sftp
    if target == "SFTP":
        login = {"user": server.user, "key": str(server.key)}
        known = {"known_hosts": str(server.known_hosts)}
        delivery.send_by_sftp(server.url(), file, {**login, **known, **given})
    else:
        url = f"{_web(target, targets).url}/{{filename}}"
        trust = {"ca": str(targets.ca)} if target == "HTTPS" else {}
        delivery.send_by_http(url, file, {"method": "PUT", **trust, **given})
