"""Throw-away SSH keys."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from .private_files import write_private


class SshKeys(NamedTuple):
    """Paths of OpenSSH private keys; the public keys are beside them, with the suffix .pub."""

    host: Path
    user: Path  # this key may log in


def make_ssh_keys(directory: Path) -> SshKeys:
    """Write the key pairs of a host and of a user, both ed25519."""
    keys = SshKeys(directory / "ssh_host_ed25519_key", directory / "id_ed25519")
    for path in keys:
        key = ed25519.Ed25519PrivateKey.generate()
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        write_private(path, private)
        path.with_suffix(".pub").write_bytes(public + b"\n")
    return keys
