"""An SFTP server of asyncssh: asyncssh_store.py PORT HOST_KEY AUTHORIZED_KEYS [FLOOD [MORE]].

With FLOOD it writes as many bytes to the standard error of each channel. MORE are arguments of
asyncssh.listen, as JSON. In the environment MEANS are the means of login that it takes, and
PASSWORD is right for two of them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import asyncssh

_MEANS = os.environ.get("MEANS", "publickey").split()


class _Login(asyncssh.SSHServer):
    def public_key_auth_supported(self) -> bool:
        return "publickey" in _MEANS

    def password_auth_supported(self) -> bool:
        return "password" in _MEANS

    def validate_password(self, username: str, password: str) -> bool:  # noqa: ARG002
        return password == os.environ["PASSWORD"]

    def kbdint_auth_supported(self) -> bool:
        return "keyboard-interactive" in _MEANS

    def get_kbdint_challenge(self, *_: str) -> tuple[str, str, str, list[tuple[str, bool]]]:
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:  # noqa: ARG002
        return list(responses) == [os.environ["PASSWORD"]]


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
        server_factory=_Login,
        server_host_keys=[host_key],
        authorized_client_keys=authorized,
        sftp_factory=serve,
        **json.loads(more),
    )
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
