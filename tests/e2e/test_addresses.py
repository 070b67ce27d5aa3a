"""Local addresses and `connect_to`, as the servers see them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Optional

import pytest

from tests.servers.certificates import make_ca, server_certificate
from tests.servers.faulty import Conversation, faulty
from tests.servers.nginx import nginx
from tests.servers.sshd import Sshd

from .program import figures, fthg, results

HERE = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "order.xml").write_bytes(b"<order/>")
    return tmp_path


def write(home: Path, job: str) -> None:
    (home / "jobs.yaml").write_text(f"""
run: {{results: r.jsonl, summary: s.json}}
jobs:
  orders: {{files: files, {job}}}
""")


def test_http_connections_come_from_each_local_address_in_turn_from_all_workers(
    home: Path,
) -> None:
    seen: list[str] = []

    def script(client: Conversation) -> None:
        seen.append(client.peer)
        while client.read_request():
            client.answer("201 Created")

    with faulty(script) as server:
        write(home, f"url: '{server.url}', source: {HERE}, rate: 30/s, count: 24, reuse: false")
        done = fthg("-c", "jobs.yaml", "--workers", "2", cwd=home)
    assert done.status == 0, done.err
    assert len(server.heard) == 24
    assert Counter(seen) == dict.fromkeys(HERE, 8)
    assert set(seen[:2]) != {HERE[0]}  # the workers begin elsewhere


def test_ssh_connections_come_from_each_local_address_in_turn(home: Path, ssh: Sshd) -> None:
    write(
        home,
        f"url: '{ssh.url()}', user: {ssh.user}, key: {ssh.key}, known_hosts: {ssh.known_hosts}, "
        f"source: {HERE}, remote_name: '{{uuid}}', rate: 20/s, count: 6, reuse: false",
    )
    done = fthg("-c", "jobs.yaml", cwd=home)
    assert done.status == 0, done.err
    found = re.findall(r"Accepted publickey for \S+ from (\S+) port (\d+)", ssh.log.read_text())
    assert Counter(address for address, _ in found) == dict.fromkeys(HERE, 2)
    ports = {line["local_port"] for line in results(home / "r.jsonl")}
    assert ports == {int(port) for _, port in found}
    stored = {line["uuid"] for line in results(home / "r.jsonl")}
    assert stored <= {path.name for path in ssh.root.iterdir()}
    assert {(ssh.root / name).read_bytes() for name in stored} == {b"<order/>"}


def test_a_local_address_that_this_host_does_not_have_ends_the_start(home: Path) -> None:
    write(home, "url: 'http://127.0.0.1:9/', source: 192.0.2.5, rate: 1/s, count: 1")
    for words in ((), ("--workers", "2"), ("--check",)):
        done = fthg("-c", "jobs.yaml", *words, cwd=home)
        assert done.status == 3
        assert "jobs.orders: source: 192.0.2.5: this host has no such address" in done.err
        assert "ip address add 192.0.2.5" in done.err
        assert not (home / "r.jsonl").exists() or not results(home / "r.jsonl")


def test_https_leads_elsewhere_and_is_checked_against_the_name_of_the_url(home: Path) -> None:
    for name in ("ca", "certificate"):
        (home / name).mkdir()
    authority = make_ca(home / "ca")
    pair = server_certificate(authority, home / "certificate")
    with nginx(home / "nginx", pair) as web:
        to = f"connect_to: '127.0.0.1:{web.port}', ca: {authority.cert}, method: PUT"
        write(home, f"url: 'https://localhost:1/{{filename}}', {to}, rate: 10/s, count: 3")
        checked = fthg("-c", "jobs.yaml", "--check", cwd=home)
        done = fthg("-c", "jobs.yaml", cwd=home)
        assert done.status == 0, done.err
        assert web.stored("order.xml") == b"<order/>"
        assert {line["remote"] for line in results(home / "r.jsonl")} == {f"127.0.0.1:{web.port}"}
        assert figures(home / "s.json")["jobs"]["orders"]["addresses"] == {"127.0.0.1": 3}
        write(home, f"url: 'https://other.example/', {to}, rate: 10/s, count: 1")
        other = fthg("-c", "jobs.yaml", cwd=home)
    assert f"connect to . 127.0.0.1:{web.port}" in checked.out
    assert "other.example" in other.out + other.err
    assert figures(home / "s.json")["jobs"]["orders"]["errors"] == {"tls": 1}


def test_the_host_header_is_that_of_the_url(home: Path) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer("201 Created")

    with faulty(script) as server:
        to = f"connect_to: '127.0.0.1:{server.port}'"
        write(home, f"url: 'http://orders.example/in', {to}, rate: 10/s, count: 1")
        done = fthg("-c", "jobs.yaml", cwd=home)
    assert done.status == 0, done.err
    assert server.heard[0].startswith(b"POST /in HTTP/1.1\r\n")
    assert b"\r\nHost: orders.example\r\n" in server.heard[0]


@pytest.mark.parametrize(("known_as", "kind"), [("files.example", None), ("else", "host_key")])
def test_sftp_leads_elsewhere_and_the_host_key_is_that_of_the_urls_name(
    home: Path, ssh: Sshd, known_as: str, kind: Optional[str]
) -> None:
    key = ssh.host_key.with_suffix(".pub").read_text()
    (home / "known_hosts").write_text(f"{known_as} {key}")
    write(
        home,
        f"url: 'sftp://files.example{ssh.root}', user: {ssh.user}, key: {ssh.key}, "
        f"known_hosts: known_hosts, connect_to: '127.0.0.1:{ssh.port}', "
        "remote_name: '{uuid}', rate: 10/s, count: 1",
    )
    fthg("-c", "jobs.yaml", cwd=home)
    (line,) = results(home / "r.jsonl")
    assert line.get("error") == kind
    assert line["remote"] == f"127.0.0.1:{ssh.port}"
    assert (ssh.root / line["uuid"]).exists() is (kind is None)
