"""A server that records arrival times: `python -m bench.sink PORT`, ended by SIGTERM.

It prints a JSON list of [number of the request, nanoseconds of the monotonic clock].
"""

from __future__ import annotations

import json
import os
import re
import selectors
import signal
import socket
import sys
import time
from email.utils import formatdate

_SEQ = re.compile(rb"\r\nx-seq: (\d+)\r\n", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


def answer() -> bytes:
    """Return an answer like no other, as real servers give."""
    number = os.urandom(16).hex()
    body = f'{{"id": "{number}", "status": "stored", "links": {{"self": "/transfers/{number}"}}}}\n'
    return (
        "HTTP/1.1 200 OK\r\nServer: sink\r\n"
        f"Date: {formatdate(usegmt=True)}\r\nX-Request-Id: {number}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


class _Sink:
    def __init__(self, port: int) -> None:
        self.arrivals: list[tuple[int, int]] = []
        self._selector = selectors.DefaultSelector()
        self._buffers: dict[socket.socket, bytes] = {}
        self._listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._read(key.fileobj)  # type: ignore[arg-type]

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffers[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> None:
        now = time.monotonic_ns()
        try:
            data = connection.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self._selector.unregister(connection)
            connection.close()
            return
        data = self._buffers[connection] + data
        head = data.find(b"\r\n\r\n") + 4
        length, seq = _LENGTH.search(data), _SEQ.search(data)
        if head > 4 and length and seq and len(data) >= head + int(length.group(1)):
            self.arrivals.append((int(seq.group(1)), now))
            connection.sendall(answer())
            data = b""
        self._buffers[connection] = data


def _end(*_: object) -> None:
    raise SystemExit


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    sink = _Sink(int(sys.argv[1]))
    try:
        sink.run()
    finally:
        json.dump(sink.arrivals, sys.stdout)
