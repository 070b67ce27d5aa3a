"""A server that takes a fixed number of files a second, one after another.

python limited_store.py RATE PORT [HOST_KEY AUTHORIZED_KEYS]: HTTP, or SFTP with the keys.
"""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Any

import asyncssh


class Turns:
    """A queue with a turn in each step of a fixed schedule; two that nobody took are kept.

    So what is lost between two files, as by round trips on one SFTP connection, is made up for.
    """

    def __init__(self, rate: float) -> None:
        self._each = 1 / rate
        self._last = 0.0

    async def take(self) -> None:
        """Return at the next turn that is free."""
        now = asyncio.get_running_loop().time()
        self._last = max(self._last, now - 3 * self._each) + self._each
        await asyncio.sleep(self._last - now)


async def serve_http(turns: Turns, port: int) -> None:
    """Answer each request in its turn."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                await reader.readexactly(int(length.group(1)) if length else 0)
                await turns.take()
                writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


async def serve_sftp(turns: Turns, port: int, host_key: str, authorized: str) -> None:
    """Close each file in its turn."""

    class Files(asyncssh.SFTPServer):
        async def close(self, file_obj: Any) -> None:
            super().close(file_obj)
            await turns.take()

    server = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_host_keys=[host_key],
        authorized_client_keys=authorized,
        sftp_factory=Files,
    )
    await server.wait_closed()


def main(rate: str, port: str, *keys: str) -> None:
    """Serve until the process is ended."""
    serve = serve_sftp if keys else serve_http
    asyncio.run(serve(Turns(float(rate)), int(port), *keys))


if __name__ == "__main__":
    main(*sys.argv[1:])
