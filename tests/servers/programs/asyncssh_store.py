"""An SFTP server of asyncssh: python asyncssh_store.py PORT HOST_KEY AUTHORIZED_KEYS."""

from __future__ import annotations

import asyncio
import sys

import asyncssh


async def main(port: str, host_key: str, authorized: str) -> None:
    """Serve until the process is ended."""
    server = await asyncssh.listen(
        "127.0.0.1",
        int(port),
        server_host_keys=[host_key],
        authorized_client_keys=authorized,
        sftp_factory=True,
    )
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
