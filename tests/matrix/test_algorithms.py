from __future__ import annotations

from pathlib import Path

import paramiko
import pytest

from fthg.errors import TransferError
from tests.servers.sshd import Sshd

from . import delivery, tools
from .algorithms import ALGORITHMS, FAMILIES
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
    family = FAMILIES[cell.server]
    home = tmp_path / "sshd"
    home.mkdir()
    options = [f"{family.sshd} {cell.trait}"]
    if family.key == "macs":
        options.append("Ciphers aes128-ctr")  # a cipher that authenticates itself uses no MAC
    by_host_key = family.key == "host_keys"
    if by_host_key:
        options.append(f"HostKey {wallet.keys[_kind(cell.trait)]}")
    if by_host_key and "-cert-" in cell.trait:
        options.append(f"HostCertificate {wallet.host_certificate(_kind(cell.trait))}")
    key = wallet.keys[_kind(cell.trait) if family.key == "signatures" else "ed25519"]

    with openssh(Sshd(home), wallet, *options) as server:
        if by_host_key:
            server.known_hosts.write_text(
                wallet.known_host(server.port, certified="-cert-" in cell.trait)
            )
        allow = ["-o", f"{family.ssh}={cell.trait}", "-i", str(key)]
        said = tools.sftp(
            f"{server.user}@127.0.0.1", server.port, server.known_hosts, allow, "",
            file, f"{server.root}/by-sftp",
        )  # fmt: skip
        assert cell.tool == THROUGH
        assert delivery.arrived(server.root, "by-sftp", file), said

        own = {"user": server.user, "known_hosts": str(server.known_hosts), "key": str(key)}
        if cell.expected == THROUGH:
            delivery.send_by_sftp(server.url(), file, {**own, **cell.needs})
            assert delivery.arrived(server.root, file.name, file)
            return
        assert not _has(family.key, cell.trait)
        with pytest.raises(TransferError) as caught:
            delivery.send_by_sftp(server.url(), file, own)
        assert caught.value.kind in {"protocol", "auth"}
        assert cell.trait in caught.value.detail
        assert not (server.root / file.name).exists()


def _has(family: str, name: str) -> bool:
    """Return True if the library has an algorithm, so that it is no excuse."""
    tables = {"kex": "_kex_info", "ciphers": "_cipher_info", "macs": "_mac_info"}
    return name in vars(paramiko.Transport)[tables.get(family, "_key_info")]
