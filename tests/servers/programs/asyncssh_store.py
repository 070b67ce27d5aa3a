"""An SFTP server of asyncssh: python asyncssh_store.py PORT HOST_KEY AUTHORIZED [FLOOD [MORE]].

With FLOOD it writes as many bytes to the standard error of each channel. MORE are arguments of
asyncssh.listen, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import asyncssh


async def main(
    port: str, host_key: str, authorized: str, flood: str = "0", more: str = "{}"
) -> None:
    """Serve until the process is ended."""

    def serve(channel: Any) -> asyncssh.SFTPServer:
        channel.write_stderr(b"x" * int(flood))
        return asyncssh.SFTPServer(channel)

    server = await asyncssh.listen(
        "127.0.0.1",
        int(port),
        server_host_keys=[host_key],
        authorized_client_keys=authorized,
        sftp_factory=serve,
        **json.loads(more),
    )
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
