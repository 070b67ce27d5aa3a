from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.errors import TransferError
from fthg.protocols.sftp import SftpSender
from fthg.protocols.sftp.ssh import host_certificates
from tests.servers import need, sshd
from tests.servers.sshd import Sshd

from ..conftest import MakeSender, transfer

HOST = "127.0.0.1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "f"
    made.write_bytes(b"abc")
    return made


class Authority:
    """A CA in a directory of its own."""

    def __init__(self, home: Path, kind: str = "ed25519", name: str = "ca") -> None:
        self.key = home / name
        _keygen("-t", kind, "-N", "", "-f", str(self.key))

    @property
    def public(self) -> str:
        """Return its line, without hosts."""
        return self.key.with_suffix(".pub").read_text()

    def sign(self, key: Path, *more: str, host: bool = True) -> Path:
        """Make the certificate of a key, for every host unless `more` says otherwise."""
        _keygen(*("-h",) * host, "-s", str(self.key), "-I", "the host", *more, f"{key}.pub")
        return key.with_name(f"{key.name}-cert.pub")


def _keygen(*words: str) -> None:
    command = [need("ssh-keygen"), "-q", *words]
    subprocess.run(command, check=True, timeout=30, capture_output=True)


@contextmanager
def certified(
    home: Path, authority: Authority, *more: str, kind: str = "ed25519", host: bool = True
) -> Iterator[Sshd]:
    """Run a server whose key has a certificate that names this host; known_hosts has the CA."""
    home.mkdir()
    server = Sshd(home)
    key = server.make_key("host_certified", kind)
    certificate = authority.sign(key, *(more or ("-n", HOST)), host=host)
    server.host_key = key
    server.known_hosts.write_text(f"@cert-authority {HOST} {authority.public}")
    try:
        server.start(f"HostCertificate {certificate}")
        yield server
    finally:
        server.stop()


def failure(sender: SftpSender, path: Path) -> str:
    with pytest.raises(TransferError) as caught:
        sender.send(transfer(path))
    assert caught.value.kind == "host_key"
    return caught.value.detail


def sftp_works(server: Sshd) -> bool:
    """Return True if OpenSSH's sftp trusts the server with the same known_hosts."""
    known = f"UserKnownHostsFile={server.known_hosts}"
    command = [
        *(need("sftp"), "-q", "-b", "-", "-i", str(server.key), "-P", str(server.port)),
        *("-o", known, "-o", "StrictHostKeyChecking=yes", "-o", "UpdateHostKeys=no"),
        f"{server.user}@{HOST}",
    ]
    done = subprocess.run(command, input=b"pwd\n", capture_output=True, timeout=30, check=False)
    return done.returncode == 0


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("authority", ["ed25519", "rsa"])
def test_a_certificate_of_a_trusted_authority_is_accepted(
    tmp_path: Path, make_sender: MakeSender, file: Path, kind: str, authority: str
) -> None:
    with certified(tmp_path / "sshd", Authority(tmp_path, authority), kind=kind) as server:
        make_sender(server).send(transfer(file))
        assert (server.root / "f").read_bytes() == b"abc"
        assert sftp_works(server)


@pytest.mark.parametrize("bits", ["384", "521"])
def test_the_longer_curves_are_known_too(
    tmp_path: Path, make_sender: MakeSender, file: Path, bits: str
) -> None:
    authority = Authority(tmp_path, "ecdsa")
    home = tmp_path / "sshd"
    with certified(home, authority) as server:
        key = server.make_key("host_long", "ecdsa", "", "-b", bits)
        certificate = authority.sign(key, "-n", HOST)
        server.stop()
        server.host_key = key
        server.start(f"HostCertificate {certificate}")
        make_sender(server).send(transfer(file))
        assert (server.root / "f").read_bytes() == b"abc"


def test_a_certificate_may_be_for_several_hosts(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    names = f"sftp.example.com,{HOST}"
    with certified(tmp_path / "sshd", Authority(tmp_path), "-n", names) as server:
        make_sender(server).send(transfer(file))
        assert sftp_works(server)


def test_a_certificate_without_principals_is_for_every_host(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    with certified(tmp_path / "sshd", Authority(tmp_path), "-V", "-1h:+1h") as server:
        make_sender(server).send(transfer(file))
        assert sftp_works(server)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            ["-n", "sftp.example.com"],
            "its certificate is for sftp.example.com, and not for 127.0.0",
        ),
        (["-n", "127.0.0.*"], "its certificate is for 127.0.0.*, and not for 127.0.0.1"),
        (["-n", HOST, "-V", "-2d:-1d"], "its certificate expired at 20"),
        (["-n", HOST, "-V", "+1d:+2d"], "its certificate is valid only from 20"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused_with_the_reason(
    tmp_path: Path, make_sender: MakeSender, file: Path, more: Sequence[str], words: str
) -> None:
    with certified(tmp_path / "sshd", Authority(tmp_path), *more) as server:
        detail = failure(make_sender(server), file)
        assert not sftp_works(server)
        assert words in detail
        assert "and it is unknown; compare it" in detail
        # As for ssh, the key counts if it is known itself.
        with server.known_hosts.open("a") as known:
            known.write(f"[{HOST}]:{server.port} {server.host_key.with_suffix('.pub').read_text()}")
        make_sender(server).send(transfer(file))
        assert sftp_works(server)


def test_another_authority_is_named(tmp_path: Path, make_sender: MakeSender, file: Path) -> None:
    trusted, other = Authority(tmp_path), Authority(tmp_path, name="other")
    with certified(tmp_path / "sshd", other) as server:
        server.known_hosts.write_text(f"@cert-authority {HOST} {trusted.public}")
        detail = failure(make_sender(server), file)
        assert not sftp_works(server)
    assert "its certificate is signed by ssh-ed25519 SHA256:" in detail
    assert "which is no @cert-authority of it" in detail


def test_an_authority_of_other_hosts_is_not_asked(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    authority = Authority(tmp_path)
    with certified(tmp_path / "sshd", authority) as server:
        server.known_hosts.write_text(f"@cert-authority *.example.com {authority.public}")
        detail = failure(make_sender(server), file)
        assert not sftp_works(server)
    assert "certificate" not in detail.partition(" (")[0]


def test_a_host_with_a_port_may_be_meant_by_the_authority(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    authority = Authority(tmp_path)
    with certified(tmp_path / "sshd", authority) as server:
        for hosts in (f"[{HOST}]:{server.port}", "[127.*]:*", "127.*", "*,!10.*"):
            server.known_hosts.write_text(f"@cert-authority {hosts} {authority.public}")
            make_sender(server).send(transfer(file))
            assert sftp_works(server)
        for hosts in (f"[{HOST}]:{server.port + 1}", f"*,!{HOST},![{HOST}]:*"):
            server.known_hosts.write_text(f"@cert-authority {hosts} {authority.public}")
            failure(make_sender(server), file)
            assert not sftp_works(server)


def test_a_hashed_name_may_be_that_of_an_authority(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    authority = Authority(tmp_path)
    with certified(tmp_path / "sshd", authority) as server:
        name = f"[{HOST}]:{server.port}"
        server.known_hosts.write_text(f"{name} {authority.public}")
        _keygen("-H", "-f", str(server.known_hosts))
        hashed = server.known_hosts.read_text()
        assert HOST not in hashed
        server.known_hosts.write_text(f"@cert-authority {hashed}")
        make_sender(server).send(transfer(file))
        assert sftp_works(server)


def test_a_revoked_authority_is_refused_even_if_the_key_is_known(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    authority = Authority(tmp_path)
    with certified(tmp_path / "sshd", authority) as server:
        public = server.host_key.with_suffix(".pub").read_text()
        with server.known_hosts.open("a") as known:
            known.write(f"{HOST} {public}@revoked * {authority.public}")
        detail = failure(make_sender(server), file)
        assert not sftp_works(server)
    assert "the authority of its certificate, ssh-ed25519 SHA256:" in detail
    assert "is @revoked" in detail


def test_a_revoked_key_is_refused_in_spite_of_its_certificate(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    with certified(tmp_path / "sshd", Authority(tmp_path)) as server:
        with server.known_hosts.open("a") as known:
            known.write(f"@revoked * {server.host_key.with_suffix('.pub').read_text()}")
        detail = failure(make_sender(server), file)
        assert not sftp_works(server)
    assert "it is marked @revoked" in detail


def test_a_server_without_a_certificate_needs_a_known_key(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    authority, home = Authority(tmp_path), tmp_path / "sshd"
    home.mkdir()
    with sshd.running(home) as server:
        plain = server.known_hosts.read_text()
        server.known_hosts.write_text(f"@cert-authority * {authority.public}")
        detail = failure(make_sender(server), file)
        assert not sftp_works(server)
        server.known_hosts.write_text(f"@cert-authority * {authority.public}{plain}")
        make_sender(server).send(transfer(file))
        assert sftp_works(server)
    assert "has no certificate of the @cert-authority that is known" in detail


def test_accept_new_learns_no_key_that_a_certificate_proves(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    with certified(tmp_path / "sshd", Authority(tmp_path)) as server:
        before = server.known_hosts.read_text()
        make_sender(server, host_key="accept-new").send(transfer(file))
        assert server.known_hosts.read_text() == before


def test_accept_new_learns_the_key_beneath_a_certificate_of_an_unknown_authority(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    with certified(tmp_path / "sshd", Authority(tmp_path)) as server:
        public = Authority(tmp_path, name="other").public
        server.known_hosts.write_text(f"@cert-authority {HOST} {public}")
        make_sender(server, host_key="accept-new").send(transfer(file))
        make_sender(server).send(transfer(file))
        assert sftp_works(server)


def test_a_server_that_offers_nothing_but_certificates_is_reached(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    with certified(tmp_path / "sshd", Authority(tmp_path)) as server:
        certificate = server.home / "host_certified-cert.pub"
        server.stop()
        only = "HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com"
        server.start(only, f"HostCertificate {certificate}")
        make_sender(server).send(transfer(file))
        server.trust_host()  # and no authority
        make_sender(server).send(transfer(file))
        assert sftp_works(server)


def test_an_authority_that_signs_with_sha_1_is_not_trusted(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    authority = Authority(tmp_path, "rsa")
    with certified(tmp_path / "sshd", authority, "-t", "ssh-rsa", "-n", HOST) as server:
        detail = failure(make_sender(server), file)
        assert not sftp_works(server)
    assert "has no valid signature of its authority ssh-rsa SHA256:" in detail


# --- the parser


@pytest.fixture(scope="module", params=["ed25519", "ecdsa", "rsa"])
def blob(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    home = tmp_path_factory.mktemp("certificates")
    authority, key = Authority(home, request.param), home / "host"
    _keygen("-t", "ecdsa", "-N", "", "-f", str(key))
    certificate = authority.sign(
        key, "-n", "a.example.com,b.example.com", "-V", "20300101:20310101"
    )
    return base64.b64decode(certificate.read_text().split()[1])


def authorities(certificate: host_certificates.HostCertificate) -> set[bytes]:
    return {certificate.authority}


def at(year: int) -> int:
    return int(time.mktime((year, 7, 1, 0, 0, 0, 0, 0, 0))) * SECOND


def test_a_certificate_is_read_as_ssh_keygen_wrote_it(blob: bytes) -> None:
    certificate = host_certificates.parse(blob)
    assert certificate.key_id == "the host"
    assert certificate.principals == ["a.example.com", "b.example.com"]
    trusted = authorities(certificate)
    assert host_certificates.problem(certificate, "B.example.com", trusted, at(2030)) == ""
    assert "valid only from 20" in host_certificates.problem(
        certificate, "a.example.com", trusted, at(2029)
    )
    assert "expired at 20" in host_certificates.problem(
        certificate, "a.example.com", trusted, at(2031)
    )


def test_a_certificate_of_a_user_proves_no_host(tmp_path: Path) -> None:
    authority, key = Authority(tmp_path), tmp_path / "user"
    _keygen("-t", "ed25519", "-N", "", "-f", str(key))
    made = authority.sign(key, "-n", HOST, host=False)
    certificate = host_certificates.parse(base64.b64decode(made.read_text().split()[1]))
    found = host_certificates.problem(certificate, HOST, authorities(certificate), at(2030))
    assert found == "is one of a user, not of a host"


@given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_a_certificate_can_be_changed(blob: bytes, position: int, bit: int) -> None:
    changed = bytearray(blob)
    changed[position % len(blob)] ^= 1 << bit
    trusted = authorities(host_certificates.parse(blob))
    try:
        certificate = host_certificates.parse(bytes(changed))
    except ValueError:
        return
    assert host_certificates.problem(certificate, "a.example.com", trusted, at(2030))


@given(st.integers(0, 10_000))
def test_a_part_of_a_certificate_is_none(blob: bytes, length: int) -> None:
    with pytest.raises(ValueError, match=r"bytes are missing|no type of certificate"):
        host_certificates.parse(blob[: length % len(blob)])


@given(st.binary(max_size=400))
def test_no_bytes_can_break_the_parser(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"bytes are missing|no type of certificate|after its end"):
        host_certificates.parse(data)
