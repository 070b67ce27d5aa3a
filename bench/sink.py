"""A server that records arrival times: `python -m bench.sink PORT`, ended by SIGTERM.

It prints a JSON list of [number of the request, nanoseconds of the monotonic clock].
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
from email.utils import formatdate

from .receiver import Receiver

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
        self.run = Receiver(port, self._received).run

    def _received(self, connection: socket.socket, data: bytes, now: int) -> bytes:
        head = data.find(b"\r\n\r\n") + 4
        length, seq = _LENGTH.search(data), _SEQ.search(data)
        if not (head > 4 and length and seq and len(data) >= head + int(length.group(1))):
            return data
        self.arrivals.append((int(seq.group(1)), now))
        connection.sendall(answer())
        return b""


def _end(*_: object) -> None:
    raise SystemExit


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    sink = _Sink(int(sys.argv[1]))
    try:
        sink.run()
    finally:
        json.dump(sink.arrivals, sys.stdout)
