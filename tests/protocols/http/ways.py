"""The ways to a server: directly, by a proxy that forwards, through its tunnel, by a redirect."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import gevent

from tests.servers.certificates import Pair
from tests.servers.faulty import Conversation, Faulty, Script, faulty

WAYS = ("direct", "proxy", "tunnel", "redirect")


class Reached(NamedTuple):
    """A faulty server, and the URL by which it is called."""

    server: Faulty
    url: str

    @property
    def heard(self) -> list[bytes]:
        """Return the whole requests that it read."""
        return self.server.heard

    @property
    def connections(self) -> int:
        """Return how many connections it got."""
        return self.server.connections


class Way(NamedTuple):
    """One way: outcomes and errors must be the same on all of them."""

    name: str
    options: dict[str, Any]  # of the job
    between: str  # the URL of the server that redirects; empty where none does
    certificate: Pair

    @contextmanager
    def faulty(self, script: Script) -> Iterator[Reached]:
        """Run a server that follows the script, at the end of this way."""
        certificate = self.certificate if self.name == "tunnel" else None
        with faulty(script, certificate) as server:
            yield Reached(server, self.url(server.port))

    def url(self, port: int) -> str:
        """Return the URL for a server at this port."""
        if self.name == "redirect":
            return f"{self.between}/{port}"
        return f"https://localhost:{port}" if self.name == "tunnel" else f"http://127.0.0.1:{port}"


@contextmanager
def way(name: str, ca: str, certificate: Pair) -> Iterator[Way]:
    """Run what stands between client and server."""
    with faulty(_redirect if name == "redirect" else _pass_on) as between:
        options = {"ca": ca, "follow_redirects": "true" if name == "redirect" else "false"}
        if name in ("proxy", "tunnel"):
            options["proxy"] = between.url
        yield Way(name, options, between.url, certificate)


def _redirect(client: Conversation) -> None:
    while request := client.read_request():
        port, rest = re.split(rb"[ /?]", request.split(b" /", 1)[1], maxsplit=1)
        rest = rest.split(b" ")[0]
        rest = b"" if rest.startswith(b"HTTP") else rest
        client.answer(
            "307 There", b"", f"Location: http://127.0.0.1:{port.decode()}/{rest.decode()}"
        )


def _pass_on(client: Conversation) -> None:
    """Pass all bytes on, and a reset as a reset."""
    head = client.read_head()
    target = head.split(b" ")[1] if head else b""
    match = re.search(rb":(\d+)", target.partition(b"://")[2] or target)
    if match is None:
        return
    with socket.create_connection(("127.0.0.1", int(match.group(1)))) as server:
        if head.startswith(b"CONNECT"):
            client.answer("200 Connection established")
        else:
            server.sendall(head)
        back = gevent.spawn(_back, server, client)
        try:
            while data := client.receive(65536):
                server.sendall(data)
        except OSError:
            pass  # the server is gone; what it has said is still passed on
        else:
            server.shutdown(socket.SHUT_WR)
        back.join()


def _back(server: socket.socket, client: Conversation) -> None:
    try:
        while data := server.recv(65536):
            client.send(data)
    except ConnectionResetError:
        client.reset()
    except OSError:
        return
    else:
        client._stream.shutdown(socket.SHUT_WR)
