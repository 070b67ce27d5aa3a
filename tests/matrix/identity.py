"""The certificates, passwords and tokens of the HTTP side, made once for all cells."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from tests.servers import need
from tests.servers.certificates import client_certificate, make_ca, server_certificate

PASSPHRASE = "a passphrase"


class Identity:
    """An authority, a server's certificate, a client's as PEM and as PKCS#12, and valid tokens."""

    def __init__(self, home: Path, token: str) -> None:
        authority = make_ca(home)
        self.ca = authority.cert
        self.server = server_certificate(authority, home)
        self.client = client_certificate(authority, home, passphrase=PASSPHRASE)
        self.pkcs12 = home / "client.p12"
        self.tokens = home / "tokens"
        self.tokens.write_text(f"{token}\n")
        words = ["pkcs12", "-export", "-in", str(self.client.cert), "-inkey", str(self.client.key)]
        passwords = ["-passin", f"pass:{PASSPHRASE}", "-passout", f"pass:{PASSPHRASE}"]
        command = [need("openssl"), *words, *passwords, "-out", str(self.pkcs12)]
        subprocess.run(command, check=True, timeout=30)

    @staticmethod
    def hashed(password: str) -> str:
        """Return a password as htpasswd writes it."""
        command = [need("openssl"), "passwd", "-apr1", "-stdin"]
        done = subprocess.run(
            command, input=password.encode(), stdout=subprocess.PIPE, check=True, timeout=30
        )
        return done.stdout.decode().strip()

    @staticmethod
    def digest_line(user: str, realm: str, password: str) -> str:
        """Return a line as htdigest writes it."""
        digest = hashlib.md5(f"{user}:{realm}:{password}".encode()).hexdigest()
        return f"{user}:{realm}:{digest}\n"
