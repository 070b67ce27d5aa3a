from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest
import requests

from bench.holder import holding
from bench.servers import nginx
from bench.sink import answer


@pytest.mark.parametrize("path", ["/small", "/large"])
def test_no_two_answers_of_nginx_are_the_same(tmp_path: Path, path: str) -> None:
    with nginx(tmp_path) as server, requests.Session() as session:
        found = [session.post(server.url(path), data=b"x" * 1024) for _ in range(20)]
    assert all(one.status_code == 200 for one in found)
    assert len({one.headers["X-Request-Id"] for one in found}) == 20
    assert len({one.content for one in found}) == 20
    for one in found:
        assert 200 <= len(one.content) <= 1000
        assert json.loads(one.content)["id"] == one.headers["X-Request-Id"]


def test_no_two_answers_of_the_sink_are_the_same() -> None:
    assert len({answer() for _ in range(20)}) == 20


def test_the_holder_counts_whole_requests_and_answers_none() -> None:
    with holding(10, length=3) as holder:
        address = holder.url[len("http://") : -1].split(":")
        with socket.create_connection((address[0], int(address[1]))) as client:
            client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n")
            time.sleep(0.1)
            client.sendall(b"\r\nab")
            time.sleep(0.1)
            assert holder.held == 0
            client.sendall(b"c")
            deadline = time.monotonic() + 10
            while holder.held == 0 and time.monotonic() < deadline:
                time.sleep(0.01)
            assert holder.held == 1
            client.settimeout(0.1)
            with pytest.raises(OSError, match="timed out"):
                client.recv(1)
