from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import paramiko
import pytest

from fthg.errors import TransferError
from tests.servers.sshd import Sshd

from . import delivery, tools
from .algorithms import ALGORITHMS, FAMILIES, allowed_by
from .cell import THROUGH, Cell
from .ssh_servers import openssh
from .wallet import Wallet

_KINDS = {"ssh-ed25519": "ed25519", "ecdsa-sha2-nistp256": "ecdsa"}


def _kind(name: str) -> str:
    """Return the kind of key that has signatures of this name."""
    return _KINDS.get(name.partition("-cert-")[0], "rsa")


@pytest.mark.parametrize("cell", ALGORITHMS, ids=[cell.name for cell in ALGORITHMS])
def test_an_algorithm_that_is_the_only_one(
    cell: Cell, wallet: Wallet, tmp_path: Path, file: Path
) -> None:
    only = allowed_by(cell)
    home = tmp_path / "sshd"
    home.mkdir()
    key = wallet.keys[_kind(only.get("signature of the user's key", "ssh-ed25519"))]
    words = {FAMILIES[use].word: name for use, name in only.items()}
    with openssh(Sshd(home), wallet, *_restrictions(words, wallet)) as server:
        if "host key" in only:
            known = wallet.known_host(server.port, certified="-cert-" in only["host key"])
            server.known_hosts.write_text(known)
        allow = [word for pair in words.items() for word in ("-o", "=".join(pair))]
        said = tools.sftp(
            f"{server.user}@127.0.0.1", server.port, server.known_hosts, [*allow, "-i", str(key)],
            "", file, f"{server.root}/by-sftp",
        )  # fmt: skip
        assert cell.tool == THROUGH
        assert delivery.arrived(server.root, "by-sftp", file), said

        own = {"user": server.user, "known_hosts": str(server.known_hosts), "key": str(key)}
        if cell.expected == THROUGH:
            delivery.send_by_sftp(server.url(), file, {**own, **cell.needs})
            assert delivery.arrived(server.root, file.name, file)
            return
        lacking = [name for use, name in only.items() if not _has(FAMILIES[use].key, name)]
        with pytest.raises(TransferError) as caught:
            delivery.send_by_sftp(server.url(), file, own)
        assert caught.value.kind in {"protocol", "auth"}
        assert any(name in caught.value.detail for name in lacking), caught.value
        assert not (server.root / file.name).exists()


def _restrictions(words: Mapping[str, str], wallet: Wallet) -> Iterator[str]:
    """Yield the lines of sshd_config for these words and algorithms."""
    yield from map(" ".join, words.items())
    if "MACs" in words and "Ciphers" not in words:
        yield "Ciphers aes128-ctr"  # a cipher that authenticates itself uses no MAC
    host = words.get("HostKeyAlgorithms", "")
    if host:
        yield f"HostKey {wallet.keys[_kind(host)]}"
    if "-cert-" in host:
        yield f"HostCertificate {wallet.host_certificate(_kind(host))}"


def _has(family: str, name: str) -> bool:
    """Return True if the library has an algorithm, so that it is no excuse."""
    tables = {"kex": "_kex_info", "ciphers": "_cipher_info", "macs": "_mac_info"}
    return name in vars(paramiko.Transport)[tables.get(family, "_key_info")]
