"""Reads requests whose bodies are in chunks, as a server does."""

from __future__ import annotations

from typing import NamedTuple

from tests.servers.faulty import Conversation


class Received(NamedTuple):
    """A request as a server sees it."""

    head: bytes
    body: bytes
    sizes: list[int]  # of its chunks, with the last one


def receive(client: Conversation) -> Received:
    """Return the next request; an empty one if the client is gone."""
    head = client.read_head()
    return receive_body(client, head) if head else Received(b"", b"", [])


def receive_body(client: Conversation, head: bytes) -> Received:
    """Return the request that has this head."""
    assert b"\r\nTransfer-Encoding: chunked\r\n" in head
    assert b"content-length" not in head.lower()
    body, sizes = b"", list[int]()
    while not sizes or sizes[-1]:
        line = b""
        while not line.endswith(b"\r\n"):
            line += client.read(1) or b"\r\n"
        sizes.append(int(line, 16))
        body += client.read(sizes[-1])
        assert client.read(2) == b"\r\n"
    return Received(head, body, sizes)
