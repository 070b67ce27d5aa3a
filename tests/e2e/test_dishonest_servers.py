"""Servers that answer too early, elsewhere or not at all: what is `ok` was sent as a whole."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Callable, NamedTuple
from urllib.parse import urlsplit

import gevent
import pytest

from tests.faults import network_faults as faults
from tests.faults.events.disks import small_disk
from tests.faults.events.rights import nothing_to_mount
from tests.faults.proxy import Proxy, proxy
from tests.faults.servers import quiet_port
from tests.servers import apache, gunicorn, node, sshd
from tests.servers.faulty import Conversation, faulty
from tests.servers.inventory import Inventory, Stored, inventory
from tests.servers.nginx import nginx
from tests.servers.sshd import Sshd
from tests.servers.web_store import WebStore
from tests.waiting import until

from .program import end, fthg, results, start

MIB = 1 << 20
HUGE = 30 * MIB  # the kernel holds less of it, whatever its buffers
FOLLOW = ["--set", "jobs.cli.follow_redirects=true"]
SECRET = ["-H", "X-Api-Key: 7ee1c3", "-H", "Authorization: Bearer 7ee1c3"]
REUSE = pytest.mark.parametrize("reuse", ["true", "false"])

Line = dict[str, Any]


class Sent(NamedTuple):
    """The lines of a run, and the files that it sent."""

    lines: Sequence[Line]
    files: Inventory

    @property
    def kinds(self) -> Counter[str]:
        """Return error kind → number."""
        return Counter(line["error"] for line in self.lines if line["error"])


def put(
    room: Path, url: str, *sizes: int, options: Sequence[str] = (), reuse: str = "true"
) -> Sent:
    """PUT a unique file of each size, one after another."""
    files, dice = room / "sent", random.Random(len(url))
    files.mkdir()
    for number, size in enumerate(sizes):
        (files / f"{number}.bin").write_bytes(dice.randbytes(size))
    done = fthg(
        "--url", f"{url}/{{uuid}}", "-X", "PUT", "--files", "sent", "--rate", "max",
        "--set", "jobs.cli.model=closed", "--set", "jobs.cli.repeat=once",
        "--set", f"jobs.cli.reuse={reuse}", "--timeout", "8s", "--results", "r.jsonl",
        *options, cwd=room,
    )  # fmt: skip
    assert done.status == 0, done.err
    sent = Sent(results(room / "r.jsonl"), inventory(files))
    assert sorted(line["file"] for line in sent.lines) == sorted(sent.files)
    assert all(line["bytes"] <= line["size"] for line in sent.lines)
    whole = [line["bytes"] == line["size"] for line in sent.lines if line["outcome"] == "ok"]
    assert all(whole), sent.lines
    return sent


def arrived(sent: Sent) -> dict[str, Stored]:
    """Return what must be at an honest server."""
    return {
        line["uuid"]: sent.files[line["file"]] for line in sent.lines if line["outcome"] == "ok"
    }


@contextmanager
def deaf_nginx(home: Path) -> Iterator[str]:
    with nginx(home / "nginx") as server:
        yield f"http://127.0.0.1:{server.port}/deaf"


@contextmanager
def early_node(home: Path) -> Iterator[str]:
    with node.http_store(home) as server:
        yield f"{server.url}/early"


@contextmanager
def early_gunicorn(home: Path) -> Iterator[str]:
    with gunicorn.running(home) as server:
        yield f"{server.url}/early"


EARLY: dict[str, Callable[[Path], AbstractContextManager[str]]] = {
    "nginx": deaf_nginx,
    "node": early_node,
    "gunicorn": early_gunicorn,
}


@contextmanager
def tapped(url: str) -> Iterator[tuple[str, Proxy]]:
    """Count what passes on the way to a server."""
    port = urlsplit(url).port
    assert port
    with proxy(quiet_port(), port) as front:
        yield url.replace(f":{port}", f":{front.port}"), front


@REUSE
@pytest.mark.parametrize("name", EARLY)
def test_an_answer_before_the_body_does_not_make_a_file_sent(
    tmp_path: Path, name: str, reuse: str
) -> None:
    with EARLY[name](tmp_path) as behind, tapped(behind) as (url, front):
        sent = put(tmp_path, url, 700, HUGE, HUGE, reuse=reuse)
        accepted = [line["bytes"] for line in sent.lines if line["outcome"] == "ok"]
        # What the proxy's kernel has taken, a busy host passes on a little later.
        until(lambda: sum(accepted) <= front.passed)
    assert set(sent.kinds) <= {"cut", "reset"}
    assert sum(accepted) <= front.passed
    assert all(line["bytes"] < line["size"] for line in sent.lines if line["error"])
    if name == "nginx" or (name, reuse) == ("node", "true"):  # the others close the connection
        assert accepted == [line["size"] for line in sent.lines]


@REUSE
def test_a_head_before_the_body_does_not_truncate_it(tmp_path: Path, reuse: str) -> None:
    with node.http_store(tmp_path) as server:
        sent = put(tmp_path, f"{server.url}/flushed", 700, HUGE, 0, 3 * MIB, reuse=reuse)
        assert sent.kinds == {}
        assert server.inventory() == arrived(sent)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_to_another_port_takes_the_file_along_and_no_secret(
    tmp_path: Path, code: int
) -> None:
    with redirecting(tmp_path, code) as (url, target):
        sent = put(tmp_path, url, 0, 700, 3 * MIB, HUGE, options=[*FOLLOW, *SECRET])
        assert sent.kinds == {}
        assert target.inventory() == arrived(sent)
        assert len(arrived(sent)) == 4
    heard = target.heard()
    assert [one["method"] for one in heard] == ["PUT"] * 4
    for one in heard:
        assert not {"x-api-key", "authorization"} & set(one["headers"])


@contextmanager
def redirecting(home: Path, code: int) -> Iterator[tuple[str, WebStore]]:
    """Run Apache, which leads to Node on another port."""
    with ExitStack() as stack:
        target = stack.enter_context(node.http_store(home))
        led = f"Redirect {code} /moved {target.url}/store"
        yield f"{stack.enter_context(apache.running(led)).url}/moved", target


def test_a_redirect_by_303_is_not_followed(tmp_path: Path) -> None:
    with redirecting(tmp_path, 303) as (url, target):
        sent = put(tmp_path, url, 700, 3 * MIB, options=[*FOLLOW, *SECRET])
        assert [(line["error"], line["code"]) for line in sent.lines] == [("status", 303)] * 2
        assert target.heard() == []


def test_a_redirect_that_is_not_to_be_followed_is_a_failure(tmp_path: Path) -> None:
    with redirecting(tmp_path, 302) as (url, target):
        sent = put(tmp_path, url, 700, options=SECRET)
        assert [(line["error"], line["code"]) for line in sent.lines] == [("status", 302)]
        assert target.heard() == []


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_on_the_same_port_keeps_the_secret(tmp_path: Path, code: int) -> None:
    with node.http_store(tmp_path) as server:
        url = f"{server.url}/moved"
        words = ["--set", f"jobs.cli.url={url}/{{uuid}}?{code}", *FOLLOW, *SECRET]
        sent = put(tmp_path, url, 700, 3 * MIB, options=words)
        assert sent.kinds == {}
        assert server.inventory() == arrived(sent)
        landed = [one for one in server.heard() if one["path"].startswith("/store/")]
    assert [one["headers"].get("x-api-key") for one in landed] == ["7ee1c3"] * 2


@REUSE
def test_a_server_that_answers_200_and_closes_after_half_the_body_has_no_file(
    tmp_path: Path, reuse: str
) -> None:
    with node.http_store(tmp_path) as server:
        sent = put(tmp_path, f"{server.url}/half", HUGE, HUGE, reuse=reuse)
        assert server.inventory() == {}
    assert sum(sent.kinds.values()) == 2
    assert set(sent.kinds) <= {"cut", "reset"}  # the reset may overtake the answer
    assert all(line["bytes"] < HUGE for line in sent.lines)


@REUSE
def test_a_200_that_was_read_before_the_cut_makes_it_a_cut(tmp_path: Path, reuse: str) -> None:
    def stop_half_way(talk: Conversation) -> None:
        talk.read_head()
        talk.read(HUGE // 2)
        talk.answer("200 OK", b"enough\n", "Connection: close")
        gevent.sleep(0.5)

    with faulty(stop_half_way) as server:
        sent = put(tmp_path, server.url, HUGE, HUGE, reuse=reuse)
    assert sent.kinds == {"cut": 2}
    assert all(HUGE // 2 <= line["bytes"] < HUGE for line in sent.lines)


@REUSE
def test_a_reset_in_the_body_is_a_reset(tmp_path: Path, reuse: str) -> None:
    with node.http_store(tmp_path) as server:
        sent = put(tmp_path, f"{server.url}/reset", HUGE, HUGE, reuse=reuse)
        assert server.inventory() == {}
    assert sent.kinds == {"reset": 2}
    assert all(HUGE // 2 <= line["bytes"] < HUGE for line in sent.lines)


@REUSE
def test_a_refusal_before_the_body_ends_the_sending(tmp_path: Path, reuse: str) -> None:
    with nginx(tmp_path / "nginx") as server:
        url = f"http://127.0.0.1:{server.port}/small"
        sent = put(tmp_path, url, 700, HUGE, HUGE, reuse=reuse)
    assert [line["code"] for line in sent.lines] == [204, 413, 413]
    assert sent.kinds == {"status": 2}
    assert all(line["bytes"] < HUGE for line in sent.lines)


# --- SFTP


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[Sshd]:
    home = tmp_path / "sshd"
    home.mkdir()
    with sshd.running(home) as server:
        yield server


def words(server: Sshd, *more: str) -> list[str]:
    return [
        "--url", server.url(), "-u", server.user, "--key", str(server.key),
        "--known-hosts", str(server.known_hosts), "--files", "sent", "--rate", "max",
        "--set", "jobs.cli.remote_name={uuid}", "--set", "jobs.cli.model=closed",
        "--results", "r.jsonl", *more,
    ]  # fmt: skip


@pytest.mark.parametrize("atomic", ["true", "false"])
def test_an_sshd_that_dies_in_an_upload_leaves_no_ok_without_its_file(
    tmp_path: Path, ssh: Sshd, atomic: str
) -> None:
    size = 10_000_000
    (tmp_path / "sent").write_bytes(random.Random(3).randbytes(size))
    with proxy(quiet_port(), ssh.port) as front, front.applying(faults.Narrow(10_000_000)):
        key = ssh.host_key.with_suffix(".pub").read_text()
        ssh.known_hosts.write_text(f"[127.0.0.1]:{front.port} {key}")
        url = ssh.url().replace(f":{ssh.port}", f":{front.port}")
        process = start(
            *words(ssh, "--url", url, "--count", "3", "--set", f"jobs.cli.atomic={atomic}"),
            cwd=tmp_path,
        )
        await_bytes(ssh.root, 2_000_000)
        ssh.cut()
        done = end(process)
    assert done.status == 0, done.err
    lines = results(tmp_path / "r.jsonl")
    assert Counter(line["outcome"] for line in lines) == {"failed": 1, "ok": 2}
    there = inventory(ssh.root)
    (failed,) = [line for line in lines if line["error"]]
    assert failed["error"] == "reset"
    (rest,) = [found.size for name, found in there.items() if failed["uuid"] in name]
    assert rest <= failed["bytes"] < size
    digest = inventory(tmp_path)["sent"]
    assert all(there[line["uuid"]] == digest for line in lines if line["outcome"] == "ok")


def await_bytes(directory: Path, size: int) -> None:
    until = time.monotonic() + 30
    while sum(path.stat().st_size for path in directory.iterdir()) < size:
        assert time.monotonic() < until, "nothing was sent"
        time.sleep(0.01)


def test_a_full_disk_of_the_server_leaves_no_ok_without_its_file(tmp_path: Path, ssh: Sshd) -> None:
    if reason := nothing_to_mount():
        pytest.skip(reason)
    (tmp_path / "sent").write_bytes(random.Random(5).randbytes(300_000))
    digest = inventory(tmp_path)["sent"]
    with small_disk(ssh.root, "1m"):
        done = fthg(*words(ssh, "--count", "6"), cwd=tmp_path)
        assert done.status == 0, done.err
        there = inventory(ssh.root)
    lines = results(tmp_path / "r.jsonl")
    assert {line["error"] for line in lines} == {None, "remote"}
    accepted = [line["uuid"] for line in lines if line["outcome"] == "ok"]
    assert [there[uuid] for uuid in accepted] == [digest] * len(accepted)
    assert sum(found == digest for found in there.values()) == len(accepted)
