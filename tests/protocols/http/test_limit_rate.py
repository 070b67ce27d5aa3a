"""limit_rate: the bytes that arrive at the server in time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import gevent
import pytest
from gevent.pool import Pool

from fthg.clock import SECOND, Clock
from tests.servers.certificates import Authority, Pair
from tests.servers.faulty import Conversation, faulty

from .jobs import failure, send, sender, transfer

KB = 1000
Arrivals = list[tuple[int, int]]  # moment, bytes


def recorder(arrivals: Arrivals, digests: list[str]) -> Callable[[Conversation], None]:
    """Return a script that takes one body after another, and notes when its bytes arrive."""
    clock = Clock()

    def script(client: Conversation) -> None:
        while head := client.read_head():
            left, digest = (
                int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]),
                hashlib.sha256(),
            )
            while left:
                data = client.receive(min(65536, left))
                if not data:
                    return
                arrivals.append((clock.now(), len(data)))
                digest.update(data)
                left -= len(data)
            digests.append(digest.hexdigest())
            client.answer()

    return script


def rate_of(arrivals: Arrivals) -> float:
    """Return bytes a second, without the first block, which needs no time."""
    (first, size), (last, _) = arrivals[0], arrivals[-1]
    return (sum(count for _, count in arrivals) - size) * SECOND / (last - first)


def is_kept(arrivals: Arrivals, rate: int) -> bool:
    """Return True if the rate was kept, by and large: a pause of a busy machine is not made up."""
    return 0.6 * rate <= rate_of(arrivals) <= 1.1 * rate


def fullest_second(arrivals: Arrivals) -> int:
    return max(
        sum(n for at, n in arrivals if begin <= at < begin + SECOND) for begin, _ in arrivals
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "body.bin"
    path.write_bytes(bytes(range(250)) * 3 * KB)
    return path


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_file_arrives_whole_and_at_its_rate(
    file: Path, scheme: str, ca: Authority, certificate: Pair
) -> None:
    arrivals: Arrivals = []
    digests: list[str] = []
    with faulty(recorder(arrivals, digests), certificate if scheme == "https" else None) as server:
        url = f"{scheme}://localhost:{server.port}"
        sent = send(url, file, limit_rate=250 * KB, ca=str(ca.cert))
    assert digests == [hashlib.sha256(file.read_bytes()).hexdigest()]
    assert is_kept(arrivals, 250 * KB)
    # 1.1 times is what leaves (test_bandwidth.py); a busy server may read it later, and at once.
    assert fullest_second(arrivals) <= 1.3 * 250 * KB
    assert 2.7 < sent.phases["sending"] < 5


def test_a_small_file_is_limited_too(tmp_path: Path) -> None:
    path = tmp_path / "small"
    path.write_bytes(bytes(40 * KB))
    arrivals: Arrivals = []
    with faulty(recorder(arrivals, [])) as server:
        sent = send(server.url, path, limit_rate=20 * KB)
    assert sent.bytes == 40 * KB
    assert is_kept(arrivals, 20 * KB)


def test_each_of_many_transfers_has_its_own_limit(file: Path) -> None:
    arrivals: Arrivals = []
    with (
        faulty(recorder(arrivals, [])) as server,
        sender(server.url, limit_rate=250 * KB, connections=20) as made,
    ):
        pool = Pool()
        sent = [pool.spawn(made.send, transfer(file, seq=seq)) for seq in range(20)]
        gevent.joinall(sent, timeout=30, raise_error=True)
    assert is_kept(arrivals, 20 * 250 * KB)


def test_a_form_counts_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "small"
    path.write_bytes(b"x")
    arrivals: Arrivals = []
    body = {"multipart": {"fields": {"a": "x" * 20 * KB}}}
    with faulty(recorder(arrivals, [])) as server:
        send(server.url, path, limit_rate=20 * KB, body=body)
    assert is_kept(arrivals, 20 * KB)


def test_a_refusal_is_noticed_between_two_blocks(file: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        gevent.sleep(0.1)
        client.answer("413 Too Large")
        client.hang()

    with faulty(script) as server, gevent.Timeout(3):
        error = failure(server.url, file, limit_rate=1 * KB)  # a block each second
    assert (error.kind, error.code) == ("status", 413)
    assert 0 < error.sent < 10 * KB


def test_a_deadline_names_the_limit_that_held_the_body_back(file: Path) -> None:
    with faulty(recorder([], [])) as server, gevent.Timeout(5):
        error = failure(server.url, file, limit_rate=10 * KB, timeout=0.5)
    assert error.kind == "timeout"
    assert "limit_rate" in error.detail
    assert 0 < error.sent < 20 * KB


def test_the_end_of_a_job_ends_a_transfer_that_waits_for_its_budget(file: Path) -> None:
    with faulty(recorder([], [])) as server, gevent.Timeout(5):
        with sender(server.url, limit_rate=100) as made:
            sending = gevent.spawn(made.send, transfer(file))
            gevent.sleep(0.3)
        sending.join()
    assert getattr(sending.exception, "kind", "") == "reset"


def test_a_redirected_file_is_limited_at_both_servers(file: Path) -> None:
    arrivals: Arrivals = []
    with faulty(recorder(arrivals, [])) as server:

        def script(client: Conversation) -> None:
            while client.read_head():
                client.answer("307 There", b"", f"Location: {server.url}/")

        with faulty(script) as first:
            send(first.url, file, limit_rate=250 * KB, follow_redirects="true")
    assert is_kept(arrivals, 250 * KB)
