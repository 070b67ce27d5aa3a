"""The logins that each SSH server is tried with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .cell import Cell

KEYS = ("ed25519 key", "ecdsa key", "rsa key", "encrypted key", "one key of the agent")
PASSWORD = "password"
PROMPT = "keyboard-interactive"
KEY_THEN_PASSWORD, PASSWORD_THEN_KEY = "key, then password", "password, then key"
KEY_THEN_PROMPT = "key, then keyboard-interactive"
CERTIFICATE, UNACCEPTED = "certificate", "key beside a certificate that is not accepted"

CREDENTIALS = (
    *KEYS, CERTIFICATE, UNACCEPTED, PASSWORD, PROMPT, KEY_THEN_PASSWORD, PASSWORD_THEN_KEY,
    KEY_THEN_PROMPT,
)  # fmt: skip

ACCEPTED: Mapping[str, Sequence[str]] = {
    "OpenSSH": CREDENTIALS,
    "asyncssh": (*KEYS, CERTIFICATE, UNACCEPTED, PASSWORD, PROMPT),
    "ssh2": (*KEYS, UNACCEPTED, PASSWORD, PROMPT, KEY_THEN_PASSWORD, PASSWORD_THEN_KEY,
             KEY_THEN_PROMPT),
    "dropbear": (*KEYS, UNACCEPTED, PASSWORD, KEY_THEN_PASSWORD, PASSWORD_THEN_KEY),
    "Conch": (*KEYS, UNACCEPTED, PASSWORD, KEY_THEN_PASSWORD, PASSWORD_THEN_KEY),
    "ProFTPD": (*KEYS, UNACCEPTED, PASSWORD, KEY_THEN_PASSWORD, PASSWORD_THEN_KEY),
    "rclone": (*KEYS, UNACCEPTED, PASSWORD),
}  # fmt: skip
"""Server → the logins that it can ask for."""

LOGINS = [
    Cell(server, credential)
    for server, credentials in ACCEPTED.items()
    for credential in credentials
]
