from __future__ import annotations

import re
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import gevent
import gevent.socket
import paramiko
import pytest
import voluptuous as vol
from gevent.server import StreamServer

from fthg.clock import Clock
from fthg.errors import StartError, TransferError
from fthg.protocols.sftp import SftpSender
from fthg.protocols.sftp.ssh import algorithms
from tests.servers import asyncssh, dropbear, need, node, sshd
from tests.servers.ssh_account import Account
from tests.servers.sshd import Sshd

from ..conftest import MakeSender, options, transfer

OLD = "ssh-rsa" in algorithms.present("signatures")
"""True with a paramiko that has SHA-1."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "f"
    made.write_bytes(b"abc")
    return made


@contextmanager
def configured(home: Path, *lines: str) -> Iterator[Sshd]:
    home.mkdir()
    with sshd.running(home, *lines) as server:
        yield server


def read(value: Any) -> algorithms.Algorithms:
    schema = vol.Schema(SftpSender.keys)
    return schema({"algorithms": value})["algorithms"]  # type: ignore[no-any-return]


def failure(sender: SftpSender, path: Path) -> TransferError:
    with pytest.raises(TransferError) as caught:
        sender.send(transfer(path))
    return caught.value


def sftp_works(server: Sshd, *choices: str) -> bool:
    """Return True if OpenSSH's sftp gets through with these options."""
    known = (f"UserKnownHostsFile={server.known_hosts}", "BatchMode=yes", *choices)
    command = [need("sftp"), "-q", "-b", "-", "-i", str(server.key), "-P", str(server.port)]
    command += [word for choice in known for word in ("-o", choice)]
    command.append(f"{server.user}@127.0.0.1")
    done = subprocess.run(command, input=b"pwd\n", capture_output=True, timeout=30, check=False)
    return done.returncode == 0


# --- the key of the configuration


def test_names_are_read_in_their_order() -> None:
    chosen = read(
        {"ciphers": ["aes256-ctr", "aes128-ctr", "aes256-ctr"], "kex": "ecdh-sha2-nistp256"}
    )
    assert chosen.ciphers == ("aes256-ctr", "aes128-ctr")
    assert chosen.kex == ("ecdh-sha2-nistp256",)
    assert chosen.macs == ()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"ciphers": ["aes256"]}, ["'aes256' is not in paramiko ", "did you mean 'aes256-c"]),
        ({"ciphers": ["aes256"]}, ["there are aes128-ctr"]),
        ({"macs": ["umac-128@openssh.com"]}, ["is not in paramiko ", "hmac-sha2-256"]),
        ({"kex": []}, ["an empty list allows nothing", "ecdh-sha2-nistp256"]),
        ({"host_keys": ["ssh-ed25519-cert-v01@openssh.com"]}, ["write 'ssh-ed25519'"]),
        ({"cipher": ["aes256-ctr"]}, ["extra keys not allowed"]),
        (["aes256-ctr"], ["must be a mapping"]),
    ],
)
def test_what_cannot_be_meant_is_an_error(value: Any, words: Sequence[str]) -> None:
    with pytest.raises(vol.Invalid) as caught:
        read(value)
    assert all(each in str(caught.value) for each in words)


@pytest.mark.skipif(OLD, reason="this paramiko has SHA-1")
def test_a_name_that_another_release_has_is_an_error_that_says_so() -> None:
    with pytest.raises(vol.Invalid, match=r"releases before 5.0 have ssh-rsa"):
        read({"signatures": ["ssh-rsa"]})


@pytest.mark.parametrize("family", algorithms.Algorithms._fields)
def test_every_name_of_this_installation_may_be_given(family: str) -> None:
    names = algorithms.present(family)
    assert getattr(read({family: list(names)}), family) == names


def test_signatures_that_the_key_cannot_make_stop_the_start(shared_server: Sshd) -> None:
    chosen = options(shared_server, algorithms={"signatures": ["rsa-sha2-256"]})
    with pytest.raises(
        StartError, match="the key is ssh-ed25519, which makes none of rsa-sha2-256"
    ):
        SftpSender(chosen, Clock())


# --- what is agreed on


CHOICES = [
    ("KexAlgorithms", "kex", "ecdh-sha2-nistp384"),
    ("KexAlgorithms", "kex", "curve25519-sha256"),
    ("KexAlgorithms", "kex", "diffie-hellman-group14-sha256"),
    ("Ciphers", "ciphers", "aes256-ctr"),
    ("Ciphers", "ciphers", "aes128-cbc"),
    ("Ciphers", "ciphers", "3des-cbc"),
    ("MACs", "macs", "hmac-sha2-512-etm@openssh.com"),
    ("MACs", "macs", "hmac-sha1"),
]


@pytest.mark.parametrize(("directive", "family", "name"), CHOICES)
def test_a_server_with_one_algorithm_is_reached(
    tmp_path: Path, make_sender: MakeSender, file: Path, directive: str, family: str, name: str
) -> None:
    more = ["Ciphers aes128-ctr"] if directive == "MACs" else []  # GCM needs no MAC
    with configured(tmp_path / "sshd", f"{directive} {name}", *more) as server:
        make_sender(server).send(transfer(file))
        assert (server.root / "f").read_bytes() == b"abc"
        make_sender(server, algorithms={family: [name]}).send(transfer(file))


def test_the_order_of_the_list_is_that_of_preference(
    shared_server: Sshd, make_sender: MakeSender, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = {
        "kex": ["diffie-hellman-group16-sha512", "curve25519-sha256"],
        "ciphers": ["aes256-ctr", "aes128-ctr"],
        "macs": ["hmac-sha2-512", "hmac-sha2-256"],
    }
    caplog.set_level("DEBUG")
    make_sender(shared_server, algorithms=chosen).send(transfer(file))
    for text in ("Kex: diffie-hellman-group16-sha512", "Cipher: aes256-ctr", "MAC: hmac-sha2-512"):
        assert text in caplog.text


def test_the_servers_key_is_of_the_type_that_was_chosen(
    tmp_path: Path, make_sender: MakeSender, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with configured(tmp_path / "sshd") as server:
        second = server.make_key("host_rsa", "rsa")
        server.stop()
        server.start(f"HostKey {second}")
        server.known_hosts.write_text(f"[127.0.0.1]:{server.port} {_public(second)}")
        caplog.set_level("DEBUG")
        chosen = {"host_keys": ["rsa-sha2-256"]}
        make_sender(server, algorithms=chosen).send(transfer(file))
        assert "HostKey: rsa-sha2-256" in caplog.text
        wrong = failure(make_sender(server, algorithms={"host_keys": ["ssh-ed25519"]}), file)
    assert wrong.kind == "host_key"
    assert "the server offers ssh-ed25519, rsa-sha2-512" in _ordered(wrong.detail)


def _public(key: Path) -> str:
    return key.with_suffix(".pub").read_text()


def _ordered(detail: str) -> str:
    """Return a detail whose list of host keys begins with that of ed25519, as releases differ."""
    before, words, offered = detail.partition("the server offers ")
    names = sorted(offered.split(", "), key=lambda name: name != "ssh-ed25519")
    return before + words + ", ".join(names)


@pytest.mark.parametrize("signature", ["rsa-sha2-256", "rsa-sha2-512", "ssh-rsa"])
def test_the_signature_of_the_users_key_is_chosen(
    tmp_path: Path, make_sender: MakeSender, file: Path, signature: str
) -> None:
    if signature not in algorithms.present("signatures"):
        pytest.skip("this paramiko has no SHA-1")
    with configured(tmp_path / "sshd", f"PubkeyAcceptedAlgorithms {signature}") as server:
        key = str(server.make_key("id_rsa", "rsa"))
        chosen = {"signatures": [signature]}
        make_sender(server, key=key, algorithms=chosen).send(transfer(file))
        assert (server.root / "f").read_bytes() == b"abc"


@pytest.mark.parametrize("running", [asyncssh.running, dropbear.running, node.ssh2])
def test_other_servers_take_what_is_chosen(
    tmp_path: Path, make_sender: MakeSender, file: Path, running: Any
) -> None:
    home = tmp_path / "server"
    home.mkdir()
    chosen = {
        "kex": ["diffie-hellman-group14-sha256"],
        "ciphers": ["aes256-ctr"],
        "macs": ["hmac-sha2-256"],
        "host_keys": ["ssh-ed25519"],
    }
    with running(home) as server:
        make_sender(server, algorithms=chosen).send(transfer(file))
        assert (server.root / "f").read_bytes() == b"abc"
        caught = failure(make_sender(server, algorithms={"ciphers": ["3des-cbc"]}), file)
    assert caught.kind == "protocol"
    assert "set algorithms: {ciphers: [aes" in caught.detail


# --- nothing in common


@pytest.mark.parametrize(
    ("line", "chosen", "words"),
    [
        (
            "KexAlgorithms ecdh-sha2-nistp521",
            {"kex": ["ecdh-sha2-nistp256"]},
            "no key exchange in common: the server offers ecdh-sha2-nistp521; "
            "set algorithms: {kex: [ecdh-sha2-nistp521]}; fthg offers ecdh-sha2-nistp256",
        ),
        (
            "Ciphers aes256-ctr",
            {"ciphers": ["aes128-ctr"]},
            "no cipher in common: the server offers aes256-ctr; "
            "set algorithms: {ciphers: [aes256-ctr]}; fthg offers aes128-ctr",
        ),
        (
            "MACs hmac-sha2-512",
            {"macs": ["hmac-sha1"], "ciphers": ["aes128-ctr"]},
            "no MAC in common: the server offers hmac-sha2-512; "
            "set algorithms: {macs: [hmac-sha2-512]}; fthg offers hmac-sha1",
        ),
        (
            "HostKeyAlgorithms ssh-ed25519",
            {"host_keys": ["rsa-sha2-512", "rsa-sha2-256"]},
            "no host key algorithm in common: the server offers ssh-ed25519; "
            "set algorithms: {host_keys: [ssh-ed25519]}; fthg offers rsa-sha2-512, rsa-sha2-256",
        ),
    ],
)
def test_the_error_says_what_both_sides_offer_and_which_key_to_set(
    tmp_path: Path, make_sender: MakeSender, file: Path, line: str, chosen: Any, words: str
) -> None:
    with configured(tmp_path / "sshd", line) as server:
        caught = failure(make_sender(server, algorithms=chosen), file)
    assert caught.kind == "protocol"
    assert caught.detail.endswith(words)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            ["Ciphers chacha20-poly1305@openssh.com"],
            "offers chacha20-poly1305@openssh.com; paramiko",
        ),
        (
            ["MACs umac-64@openssh.com", "Ciphers aes128-ctr"],
            "offers umac-64@openssh.com; paramiko",
        ),
    ],
)
def test_what_no_paramiko_has_is_named(
    tmp_path: Path, make_sender: MakeSender, file: Path, lines: Sequence[str], words: str
) -> None:
    with configured(tmp_path / "sshd", *lines) as server:
        caught = failure(make_sender(server), file)
        assert sftp_works(server)
    assert caught.kind == "protocol"
    assert words in caught.detail
    assert "has none of these; fthg offers " in caught.detail


def test_what_only_old_releases_have_is_reached_by_them_and_named_by_others(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    with configured(tmp_path / "sshd", "KexAlgorithms diffie-hellman-group14-sha1") as server:
        assert sftp_works(server, "KexAlgorithms=diffie-hellman-group14-sha1")
        sender = make_sender(server)
        if OLD:
            sender.send(transfer(file))
            assert (server.root / "f").read_bytes() == b"abc"
            return
        caught = failure(sender, file)
    assert caught.kind == "protocol"
    assert (
        "has none of these (releases before 5.0 have diffie-hellman-group14-sha1)" in caught.detail
    )


def test_a_host_key_that_signs_with_sha_1_is_accepted_or_named(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    with configured(tmp_path / "sshd") as server:
        key = server.make_key("host_rsa", "rsa")
        server.stop()
        server.start(f"HostKey {key}", "HostKeyAlgorithms ssh-rsa")
        server.known_hosts.write_text(f"[127.0.0.1]:{server.port} {_public(key)}")
        sender = make_sender(server)
        if OLD:
            sender.send(transfer(file))
            assert (server.root / "f").read_bytes() == b"abc"
            return
        caught = failure(sender, file)
    assert caught.kind == "protocol"
    assert "the server offers ssh-rsa; paramiko " in caught.detail
    assert "(releases before 5.0 have ssh-rsa)" in caught.detail


def rsa_key(account: Account) -> Path:
    """Replace the key of an account, which the server has not read yet, by one of RSA."""
    account.key.unlink()
    account.key.with_suffix(".pub").unlink()
    command = ["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", str(account.key)]
    subprocess.run(command, check=True, timeout=30)
    account.authorized_keys.write_text(account.key.with_suffix(".pub").read_text())
    return account.key


def test_signatures_that_the_server_does_not_take_are_named(
    tmp_path: Path, make_sender: MakeSender, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "asyncssh"
    home.mkdir()
    monkeypatch.setattr(asyncssh, "Account", _with_rsa)
    with asyncssh.running(home, signature_algs=["rsa-sha2-256"]) as server:
        wanted = {"signatures": ["rsa-sha2-512"]}
        caught = failure(make_sender(server, algorithms=wanted), file)
        make_sender(server).send(transfer(file))
        assert (server.root / "f").read_bytes() == b"abc"
    assert caught.kind == "auth"
    assert "no signature in common: the server offers rsa-sha2-256; " in caught.detail
    assert "set algorithms: {signatures: [rsa-sha2-256]}; fthg offers rsa-sha2-512" in caught.detail


def _with_rsa(home: Path, port: int, **more: Any) -> Account:
    account = Account(home, port, **more)
    rsa_key(account)
    return account


def test_asyncssh_with_sha_1_only_is_reached_or_named(
    tmp_path: Path, make_sender: MakeSender, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "asyncssh"
    home.mkdir()
    monkeypatch.setattr(asyncssh, "Account", _with_rsa)
    with asyncssh.running(home, signature_algs=["ssh-rsa"]) as server:
        sender = make_sender(server)
        if OLD:
            sender.send(transfer(file))
            assert (server.root / "f").read_bytes() == b"abc"
            return
        caught = failure(sender, file)
    assert caught.kind == "auth"
    assert "the server offers ssh-rsa; paramiko " in caught.detail
    assert "(releases before 5.0 have ssh-rsa)" in caught.detail


# --- reasons of paramiko


@contextmanager
def paramiko_server(key: paramiko.PKey) -> Iterator[int]:
    """Run paramiko's server for one connection; yield its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            transport = paramiko.Transport(connection)
            transport.add_server_key(key)
            ended = threading.Event()
            transport.start_server(event=ended, server=paramiko.ServerInterface())
            transport.join(10)
            transport.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join(10)


@contextmanager
def damaged(server: Sshd, position: int) -> Iterator[str]:
    """Run a relay to a server that changes one byte of what the server sends; yield its URL."""

    def copy(source: gevent.socket.socket, target: gevent.socket.socket, bad: int) -> None:
        seen = 0
        with suppress(OSError):
            while data := bytearray(source.recv(65536)):
                if seen <= bad < seen + len(data):
                    data[bad - seen] ^= 0x40
                seen += len(data)
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def relay(client: gevent.socket.socket, _: Any) -> None:
        with closing(gevent.socket.create_connection(("127.0.0.1", server.port))) as upstream:
            other = gevent.spawn(copy, upstream, client, position)
            copy(client, upstream, -1)
            other.join()

    listener = StreamServer(("127.0.0.1", 0), relay)
    listener.start()
    try:
        yield f"sftp://127.0.0.1:{listener.server_port}{server.root}"
    finally:
        listener.stop(timeout=1)


@pytest.mark.parametrize("mode", ["aes128-ctr", "aes128-gcm@openssh.com"])
@pytest.mark.parametrize("position", [5, 1200, 1700, 2000, 2200])
def test_what_is_damaged_on_its_way_is_no_lost_connection(
    shared_server: Sshd, make_sender: MakeSender, file: Path, position: int, mode: str
) -> None:
    if mode not in algorithms.present("ciphers"):
        pytest.skip("this paramiko has no GCM")
    with damaged(shared_server, position) as url:
        chosen = {"ciphers": [mode]}
        sender = make_sender(shared_server, url=url, host_key="ignore", algorithms=chosen)
        caught = failure(sender, file)
    assert caught.kind == "protocol"
    reasons = "MAC|authentication tag|Signature verification|Incompatible version"
    assert re.search(reasons, caught.detail)


class Liar(paramiko.ECDSAKey):
    """A host key that signs something else."""

    def sign_ssh_data(self, data: bytes, algorithm: Any = None) -> paramiko.Message:
        return super().sign_ssh_data(data + b"!", algorithm)


def test_a_server_that_does_not_have_its_key_is_no_lost_connection(
    shared_server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    key = paramiko.ECDSAKey.generate()
    liar = Liar(vals=(key.signing_key, key.verifying_key))
    with paramiko_server(liar) as port:
        url = f"sftp://127.0.0.1:{port}/in"
        caught = failure(make_sender(shared_server, url=url, host_key="ignore"), file)
    assert caught.kind == "protocol"
    assert "Signature verification (ecdsa-sha2-nistp256) failed." in caught.detail


class Weaker(paramiko.RSAKey):
    """A host key that signs with another algorithm than was agreed on."""

    def sign_ssh_data(self, data: bytes, algorithm: Any = None) -> paramiko.Message:  # noqa: ARG002 - paramiko gives it
        return super().sign_ssh_data(data, "rsa-sha2-256")


def test_a_server_signs_with_the_algorithm_that_was_agreed_on(
    shared_server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    weaker = Weaker(key=paramiko.RSAKey.generate(2048).key)
    with paramiko_server(weaker) as port:
        url = f"sftp://127.0.0.1:{port}/in"
        caught = failure(make_sender(shared_server, url=url, host_key="ignore"), file)
    assert caught.kind == "protocol"
    assert "signs with 'rsa-sha2-256', and rsa-sha2-512 was agreed on" in caught.detail


def test_a_server_of_ssh_1_is_named(
    shared_server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"SSH-1.5-old\r\n")
                while connection.recv(1000):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"sftp://127.0.0.1:{listener.getsockname()[1]}/in"
        caught = failure(make_sender(shared_server, url=url), file)
        thread.join(10)
    assert caught.kind == "protocol"
    assert "Incompatible version (1.5 instead of 2.0)" in caught.detail
