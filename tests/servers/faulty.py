"""A server on a raw socket that follows a script, above all a faulty one."""

from __future__ import annotations

import re
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Optional

import gevent
from gevent.pool import Pool
from gevent.server import StreamServer

from .certificates import Pair


class Conversation:
    """One connection, for the server's script; `number` counts connections from 0."""

    def __init__(self, stream: socket.socket, number: int, heard: list[bytes]) -> None:
        self._stream = stream
        self.number = number
        self._heard = heard

    @property
    def peer(self) -> str:
        """The address that the client connected from."""
        address: str = self._stream.getpeername()[0]
        return address

    def read_head(self) -> bytes:
        """Return a request up to its blank line, or nothing if the client is gone."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self._stream.recv(1)
            if not byte:
                return b""
            head += byte
        return head

    def read_request(self) -> bytes:
        """Return a whole request, head and body, and add it to the server's list."""
        head = self.read_head()
        length = re.search(rb"Content-Length: (\d+)", head)
        request = head + (self.read(int(length.group(1))) if length else b"")
        if request:
            self._heard.append(request)
        return request

    def read(self, size: int) -> bytes:
        """Return `size` bytes, fewer only if the client is gone."""
        data = bytearray()
        while len(data) < size:
            more = self._stream.recv(min(65536, size - len(data)))
            if not more:
                break
            data += more
        return bytes(data)

    def receive(self, size: int) -> bytes:
        """Return the bytes that have arrived, at most `size`."""
        return self._stream.recv(size)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._stream.sendall(data)

    def answer(self, status: str = "200 OK", body: bytes = b"", *headers: str) -> None:
        """Send a valid answer."""
        lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
        self.send("\r\n".join(lines).encode() + body)

    def client_certificate(self) -> bytes:
        """Return the certificate that the client has shown, as DER; nothing if there is none."""
        assert isinstance(self._stream, ssl.SSLSocket)
        return self._stream.getpeercert(binary_form=True) or b""

    def ask_for_certificate(self) -> None:
        """Ask for the client's certificate with the next bytes that are sent."""
        assert isinstance(self._stream, ssl.SSLSocket)
        self._stream.verify_client_post_handshake()

    def reset(self) -> None:
        """Cut the connection with an RST."""
        self._stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._stream.close()

    def take_leave(self) -> None:
        """Close a TLS connection properly, with a close_notify."""
        assert isinstance(self._stream, ssl.SSLSocket)
        self._stream.unwrap()

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Let what is sent within leave as one, for up to 0.2 s."""
        self._stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        yield
        self._stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)

    def hang(self) -> None:
        """Do nothing for longer than tests wait."""
        gevent.sleep(60)


Script = Callable[[Conversation], None]


class Faulty:
    """The running server: its port, and the whole requests that it read."""

    def __init__(self, port: int, heard: list[bytes]) -> None:
        self.port = port
        self.heard = heard
        self.connections = 0

    @property
    def url(self) -> str:
        """Return the URL of its root."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def faulty(
    script: Script,
    certificate: Optional[Pair] = None,
    context: Optional[ssl.SSLContext] = None,
    address: str = "127.0.0.1",
) -> Iterator[Faulty]:
    """Run a server that follows the script on each connection, then closes it."""
    heard: list[bytes] = []
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, 0), family=family, backlog=64)
    running = Faulty(listener.getsockname()[1], heard)
    if certificate is not None:
        context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.cert, certificate.key)

    def converse(stream: socket.socket, _address: object) -> None:
        number = running.connections
        running.connections += 1
        try:
            if context is not None:
                stream = context.wrap_socket(
                    stream, server_side=True, do_handshake_on_connect=False
                )
                stream.do_handshake()
            script(Conversation(stream, number, heard))
        except OSError:
            pass  # the client went away; the test checks its error
        finally:
            stream.close()

    pool = Pool()
    server = StreamServer(listener, converse, spawn=pool)
    server.start()
    try:
        yield running
    finally:
        gevent.sleep(0)  # one that is killed before its first turn would not close its socket
        pool.kill()
        server.stop(timeout=0)
        listener.close()
