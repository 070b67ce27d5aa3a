"""What a network engineer has to find: the log alone names the place and the cause."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults import network_faults as faults
from tests.faults.packet_filter import drop_larger
from tests.faults.proxy import Fault, Proxy, proxy
from tests.servers import free_port, need
from tests.servers.certificates import make_ca, server_certificate
from tests.servers.nginx import Nginx, nginx
from tests.servers.sshd import Sshd

from .program import ENVIRONMENT, Ended

_SIZE = 60_000
_NOWHERE = "192.0.2.1"  # RFC 5737


class LosesLargePackets(Fault):
    """Large packets are lost, as where a firewall drops the messages that say so (RFC 2923)."""

    def begins(self, proxy: Proxy) -> None:
        """Lose them on all connections that come."""
        assert proxy.listener is not None
        drop_larger(proxy.listener, 1000)


class Server(NamedTuple):
    """A server, and the options that send to it by way of another host and port."""

    port: int
    options: Callable[[str], Sequence[str]]


@pytest.fixture
def http(web: Nginx) -> Server:
    return Server(web.port, lambda host: ["--url", f"http://{host}/{{uuid}}", "-X", "PUT"])


@pytest.fixture
def sftp(ssh: Sshd) -> Server:
    def options(host: str) -> Sequence[str]:
        login = ["--key", str(ssh.key), "--host-key", "ignore", "--remote-name", "{uuid}"]
        return ["--url", f"sftp://{ssh.user}@{host}{ssh.root}", *login]

    return Server(ssh.port, options)


@pytest.fixture(params=["http", "sftp"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@contextmanager
def by_way_of(server: Server, fault: Fault) -> Iterator[str]:
    """Apply a fault between fthg and a server; yield HOST:PORT."""
    with proxy(free_port(), server.port) as middle, middle.applying(fault):
        yield f"127.0.0.1:{middle.port}"


def failure(room: Path, options: Sequence[str], *before: str) -> str:
    """Send one large file that does not arrive; return the line of the log that says why."""
    (room / "f.bin").write_bytes(bytes(_SIZE))
    done = subprocess.run(
        [
            *before, sys.executable, "-m", "fthg", *options, "--files", "f.bin", "--rate", "10/s",
            "--count", "1", "--timeout", "3s", "--connect-timeout", "1s",
        ],
        cwd=room, env=ENVIRONMENT, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
    (line,) = re.findall(r"^.* WARN  failed  .*$", ended.err, re.MULTILINE)
    return str(line)


def test_where_all_packets_are_dropped_nobody_answers(tmp_path: Path, server: Server) -> None:
    with by_way_of(server, faults.Full()) as host:
        line = failure(tmp_path, server.options(host))
    address, _, port = host.partition(":")
    assert f'"{address} port {port}: no answer within connect_timeout (1s)"' in line
    assert f"remote={host} local_port=" in line
    assert " sent=0 " in line


def test_an_address_without_a_route_is_unreachable_at_once(tmp_path: Path, server: Server) -> None:
    alone = [need("unshare"), "-n"]
    if subprocess.run([*alone, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("this user cannot make a network namespace")
    line = failure(tmp_path, server.options(f"{_NOWHERE}:9"), *alone)
    assert f'kind=unreachable detail="{_NOWHERE} port 9: Network is unreachable"' in line


def test_large_packets_that_are_lost_are_on_this_host_and_sent_again(
    tmp_path: Path, server: Server
) -> None:
    with by_way_of(server, LosesLargePackets()) as host:
        line = failure(tmp_path, server.options(host))
    assert re.search(r"[0-9,]+ bytes were still on this host \(not acknowledged\)", line), line
    assert re.search(r"[0-9]+ retransmissions?\b", line), line
    assert f"remote={host} local_port=" in line


def test_a_reset_after_the_body_says_so(tmp_path: Path, http: Server) -> None:
    with by_way_of(http, faults.ResetUnanswered(20_000)) as host:
        line = failure(tmp_path, http.options(host))
    assert 'the connection was reset after all was sent, before an answer"' in line


def test_a_reset_after_the_content_says_how_much_was_sent(tmp_path: Path, server: Server) -> None:
    with by_way_of(server, faults.ResetUnanswered(20_000)) as host:
        line = failure(tmp_path, server.options(host))
    assert "kind=reset" in line
    assert f" sent={_SIZE} " in line
    assert f"remote={host} local_port=" in line


def test_an_answer_that_is_cut_is_the_servers(tmp_path: Path, http: Server) -> None:
    with by_way_of(http, faults.Truncate(90)) as host:
        line = failure(tmp_path, http.options(host))
    assert 'detail="the server cut its answer short, in its head"' in line
    assert f" sent={_SIZE} " in line


def test_a_certificate_of_another_authority_is_named(tmp_path: Path) -> None:
    pair = server_certificate(make_ca(tmp_path, "theirs"), tmp_path)
    make_ca(tmp_path, "ours")
    with nginx(tmp_path / "tls", pair) as server:
        line = failure(
            tmp_path, ["--url", f"{server.url}/{{uuid}}", "-X", "PUT", "--ca", "ours.pem"]
        )
    assert "kind=tls" in line
    assert "theirs" in line
