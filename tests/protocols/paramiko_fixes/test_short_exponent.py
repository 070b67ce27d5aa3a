"""Key exchanges in the largest groups that a server may choose."""

from __future__ import annotations

import time
from pathlib import Path

import paramiko
import pytest

from fthg.protocols.paramiko_fixes.short_exponent import shorten_exponents
from tests.servers import sshd

MODULI = Path("/etc/ssh/moduli")


def test_a_group_of_8192_bits_takes_no_second(tmp_path: Path) -> None:
    shorten_exponents()
    text = MODULI.read_text() if MODULI.exists() else ""
    lines = [line for line in text.splitlines() if line.split()[4:5] == ["8191"]]
    if not lines:
        pytest.skip("this system has no groups of 8192 bits")
    moduli = tmp_path / "moduli"
    moduli.write_text("\n".join(lines) + "\n")
    algorithm = "diffie-hellman-group-exchange-sha256"
    options = f"KexAlgorithms {algorithm}", f"ModuliFile {moduli}"
    home = tmp_path / "sshd"
    home.mkdir()
    with sshd.running(home, *options) as server:
        transport = paramiko.Transport(("127.0.0.1", server.port))
        began = time.process_time()
        transport.start_client(timeout=30)
        taken = time.process_time() - began
        key = paramiko.Ed25519Key(filename=str(server.key))
        transport.auth_publickey(server.user, key)
        assert transport.is_authenticated()
        transport.close()
    assert taken < 1
