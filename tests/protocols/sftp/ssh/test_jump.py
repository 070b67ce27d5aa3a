"""SFTP over a jump host: two real sshd, with keys of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent.pool import Pool

from fthg.clock import Clock
from fthg.errors import StartError
from fthg.protocols.endpoint import Endpoint
from fthg.protocols.sftp import SftpSender
from fthg.protocols.sftp.ssh.jump_host import kind_of
from tests.servers import free_port, sshd
from tests.servers.sshd import Sshd, password_user

from ..conftest import MakeSender, options, transfer
from ..test_faults import failure, nothing_left, other_server, silent


@pytest.fixture(scope="module")
def bastion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd.running(tmp_path_factory.mktemp("bastion")) as server:
        yield server


@pytest.fixture
def own_bastion(tmp_path: Path) -> Iterator[Sshd]:
    home = tmp_path / "bastion"
    home.mkdir()
    with sshd.running(home) as server:
        yield server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / f"{tmp_path.name}.bin"
    made.write_bytes(os.urandom(3_000_001))
    return made


def over(bastion: Sshd, **more: str) -> dict[str, Any]:
    """Return a jump host with means of its own."""
    means = {"key": str(bastion.key), "known_hosts": str(bastion.known_hosts)}
    return {"host": f"{bastion.user}@127.0.0.1:{bastion.port}", **means, **more}


def trust(server: Sshd, *, too: Sshd) -> None:
    """Let the known_hosts of one server have the key of another, too."""
    lines = [each.known_hosts.read_text() for each in (server, too)]
    server.known_hosts.write_text("".join(lines))


def name_of(bastion: Sshd) -> str:
    return f"127.0.0.1 port {bastion.port} (jump host)"


def test_a_file_arrives_and_the_phases_of_server_and_jump_host_are_told_apart(
    shared_server: Sshd, bastion: Sshd, make_sender: MakeSender, file: Path
) -> None:
    sender = make_sender(shared_server, jump=over(bastion), check_size="true")
    sent = sender.send(transfer(file))
    assert (shared_server.root / file.name).read_bytes() == file.read_bytes()
    assert sent.peer is not None
    assert sent.peer.remote == f"127.0.0.1:{bastion.port}"
    opened = [phase for phase in sent.phases if phase not in ("blocked", "sending", "waiting")]
    assert opened[:3] == ["connecting", "handshaking", "authenticating"]
    # Another handshake and login, those of the jump host, are in it.
    assert sent.phases["connecting"] > sent.phases["handshaking"] / 4


def test_hundreds_of_files_over_several_connections_arrive_and_leave_nothing(
    shared_server: Sshd, bastion: Sshd, tmp_path: Path
) -> None:
    root = shared_server.root / "hundreds"
    files = []
    for number in range(300):
        files.append(tmp_path / f"f{number}")
        files[-1].write_bytes(os.urandom(1 + number * number % 70_000))
    with nothing_left():
        changes = {"url": shared_server.url(str(root)), "mkdir": "true", "connections": 3}
        sender = SftpSender(options(shared_server, jump=over(bastion), **changes), Clock())
        pool = Pool()
        sent = [pool.spawn(sender.send, transfer(path, seq)) for seq, path in enumerate(files)]
        gevent.joinall(sent, timeout=60, raise_error=True)
        sender.close()
        assert not until_ended(bastion)
    for path in files:
        assert (root / path.name).read_bytes() == path.read_bytes()


def until_ended(server: Sshd) -> list[int]:
    """Return the processes of connections that have not ended after a while."""
    for _ in range(100):
        if not server.children():
            break
        gevent.sleep(0.05)
    return server.children()


def test_without_means_of_its_own_the_jobs_are_tried_and_so_is_its_known_hosts(
    server: Sshd, own_bastion: Sshd, make_sender: MakeSender, file: Path
) -> None:
    with (own_bastion.home / "authorized_keys").open("a") as keys:
        keys.write(server.key.with_suffix(".pub").read_text())
    trust(server, too=own_bastion)
    make_sender(server, jump=f"127.0.0.1:{own_bastion.port}").send(transfer(file))
    assert (server.root / file.name).read_bytes() == file.read_bytes()


def test_a_password_and_a_user_of_its_own(
    shared_server: Sshd, bastion: Sshd, make_sender: MakeSender, file: Path, tmp_path: Path
) -> None:
    with password_user() as (user, password):
        secret = tmp_path / "secret"
        secret.write_text(f"{password}\n")
        jump = {
            "host": f"{user}@127.0.0.1:{bastion.port}",
            "password_file": str(secret),
            "known_hosts": str(bastion.known_hosts),
        }
        make_sender(shared_server, jump=jump).send(transfer(file))
        secret.write_text("wrong\n")
        caught = failure(make_sender(shared_server, jump=jump), file)
        assert caught.kind == "auth"
        assert caught.detail.startswith(f"{name_of(bastion)} refuses ")
        assert f"user {user!r}" in caught.detail


def test_with_a_key_of_its_own_the_jobs_password_is_not_shown_to_the_jump_host(
    shared_server: Sshd, bastion: Sshd, make_sender: MakeSender, file: Path
) -> None:
    jump = over(bastion, key=str(shared_server.key))
    caught = failure(make_sender(shared_server, jump=jump, password="secret7"), file)
    assert caught.kind == "auth"
    assert "password" not in caught.detail.partition("tried: ")[2].partition(";")[0]


def test_algorithms_of_its_own_and_those_of_the_server(
    shared_server: Sshd, make_sender: MakeSender, file: Path, tmp_path: Path
) -> None:
    home = tmp_path / "old"
    home.mkdir()
    with sshd.running(home, "PubkeyAcceptedAlgorithms rsa-sha2-256") as old:
        key = str(old.make_key("id_rsa", "rsa"))
        jump: Any = {**over(old, key=key), "algorithms": {"signatures": ["rsa-sha2-256"]}}
        for_server = {"signatures": ["ssh-ed25519"]}
        make_sender(shared_server, jump=jump, algorithms=for_server).send(transfer(file))
        jump["algorithms"] = for_server
        with pytest.raises(StartError, match=r"^jump\.algorithms: signatures: the key is ssh-rsa"):
            make_sender(shared_server, jump=jump)
    assert (shared_server.root / file.name).read_bytes() == file.read_bytes()


def test_an_encrypted_key_of_its_own(
    shared_server: Sshd, own_bastion: Sshd, make_sender: MakeSender, file: Path
) -> None:
    key = str(own_bastion.make_key("locked", "ed25519", "correct horse"))
    jump = over(own_bastion, key=key, passphrase="correct horse")
    make_sender(shared_server, jump=jump).send(transfer(file))
    with pytest.raises(StartError, match=r"^jump\.key: .* passphrase is wrong"):
        make_sender(shared_server, jump={**jump, "passphrase": "wrong"})


# --- refusals and failures: whose they are


def test_a_jump_host_that_nobody_runs(
    shared_server: Sshd, bastion: Sshd, make_sender: MakeSender, file: Path
) -> None:
    port = free_port()
    jump = over(bastion, host=f"127.0.0.1:{port}")
    caught = failure(make_sender(shared_server, jump=jump), file)
    assert (caught.kind, caught.detail.startswith(f"jump host 127.0.0.1 port {port}: ")) == (
        "refused",
        True,
    ), caught


def test_a_proxy_before_the_jump_host_is_not_called_one(
    shared_server: Sshd, bastion: Sshd, make_sender: MakeSender, file: Path
) -> None:
    port = free_port()
    sender = make_sender(shared_server, jump=over(bastion), proxy=f"socks5://127.0.0.1:{port}")
    caught = failure(sender, file)
    assert caught.kind == "proxy"
    assert caught.detail == f"127.0.0.1 port {port} (proxy): Connection refused"
    assert caught.peer is not None
    assert caught.peer.remote == f"127.0.0.1:{port}"


def test_an_unknown_host_key_of_the_jump_host(
    shared_server: Sshd, bastion: Sshd, make_sender: MakeSender, file: Path
) -> None:
    jump = over(bastion, known_hosts=str(shared_server.known_hosts))
    caught = failure(make_sender(shared_server, jump=jump), file)
    assert caught.kind == "host_key"
    assert caught.detail.startswith(f"jump host [127.0.0.1]:{bastion.port}: ")


def test_an_unknown_host_key_of_the_server_behind(
    shared_server: Sshd, bastion: Sshd, make_sender: MakeSender, file: Path
) -> None:
    sender = make_sender(shared_server, jump=over(bastion), known_hosts=str(bastion.known_hosts))
    caught = failure(sender, file)
    assert caught.kind == "host_key"
    assert caught.detail.startswith(f"[127.0.0.1]:{shared_server.port}: ")


def test_a_key_that_the_jump_host_refuses(
    shared_server: Sshd, bastion: Sshd, make_sender: MakeSender, file: Path
) -> None:
    jump = over(bastion, key=str(shared_server.key))
    caught = failure(make_sender(shared_server, jump=jump), file)
    assert caught.kind == "auth"
    assert caught.detail.startswith(f"{name_of(bastion)} refuses ")


def test_a_jump_host_that_forwards_nothing(
    shared_server: Sshd, make_sender: MakeSender, file: Path, tmp_path: Path
) -> None:
    home = tmp_path / "closed"
    home.mkdir()
    with sshd.running(home, "AllowTcpForwarding no") as closed:
        caught = failure(make_sender(shared_server, jump=over(closed)), file)
    there = f"127.0.0.1:{shared_server.port}"
    assert (caught.kind, caught.code) == ("proxy", 1)
    assert f"{name_of(closed)}: it opens no connection to {there}: Admin" in caught.detail


@pytest.mark.parametrize(
    ("host", "kind", "words"),
    [
        ("127.0.0.1", "refused", "refused"),
        ("no-such-host.invalid", "dns", "no-such-host.invalid"),
    ],
)
def test_a_server_that_the_jump_host_cannot_reach(
    shared_server: Sshd, bastion: Sshd, make_sender: MakeSender, file: Path,
    host: str, kind: str, words: str,
) -> None:  # fmt: skip
    url = f"sftp://{host}:{free_port()}/in"
    caught = failure(make_sender(shared_server, url=url, jump=over(bastion)), file)
    assert caught.kind == kind, caught
    assert words in caught.detail
    assert caught.detail.endswith(f", says {name_of(bastion)}")


def test_what_other_jump_hosts_say_of_a_server_that_they_cannot_reach() -> None:
    assert kind_of("[Errno 111] Connect call failed ('192.0.2.7', 22)") == "refused"  # asyncssh
    assert kind_of("Connection timed out") == "connect_timeout"
    assert kind_of("No route to host") == "unreachable"


def test_connect_to_is_what_the_jump_host_is_asked_for(
    server: Sshd, bastion: Sshd, make_sender: MakeSender, file: Path
) -> None:
    url = f"sftp://files.example.com{server.root}"
    server.known_hosts.write_text(
        server.known_hosts.read_text().replace(f"[127.0.0.1]:{server.port}", "files.example.com")
    )
    there = Endpoint("127.0.0.1", server.port)
    make_sender(server, url=url, jump=over(bastion), connect_to=there).send(transfer(file))
    assert (server.root / file.name).read_bytes() == file.read_bytes()


def test_a_jump_host_that_says_nothing_is_named_within_connect_timeout(
    shared_server: Sshd, bastion: Sshd, file: Path
) -> None:
    with other_server(silent) as url, nothing_left():
        host = url.partition("//")[2].partition("/")[0]
        began = time.monotonic()
        jump, limit = over(bastion, host=host), {"connect_timeout": 0.5}
        sender = SftpSender(options(shared_server, jump=jump, **limit), Clock())
        caught = failure(sender, file)
        assert time.monotonic() - began < 3
        assert caught.kind == "connect_timeout"
        assert "(jump host): handshaking was not done within connect_tim" in caught.detail
        sender.close()


def test_a_server_behind_that_says_nothing_is_named_within_connect_timeout(
    shared_server: Sshd, bastion: Sshd, file: Path
) -> None:
    with other_server(silent) as url, nothing_left():
        sender = SftpSender(
            options(shared_server, url=url, jump=over(bastion), connect_timeout=1.0), Clock()
        )
        caught = failure(sender, file)
        assert caught.kind == "connect_timeout"
        assert "jump host" not in caught.detail
        assert "handshaking was not done within connect_timeout (1s)" in caught.detail
        sender.close()
        assert not until_ended(bastion)


def test_a_server_that_no_packet_reaches_is_told_of_within_connect_timeout(
    shared_server: Sshd, bastion: Sshd, file: Path
) -> None:
    with full_backlog() as port, nothing_left():
        url = f"sftp://127.0.0.1:{port}/in"
        sender = SftpSender(
            options(shared_server, url=url, jump=over(bastion), connect_timeout=1.0), Clock()
        )
        caught = failure(sender, file)
        sender.close()
        assert caught.kind == "connect_timeout"
        asked = f"{name_of(bastion)}: no connection to 127.0.0.1:{port} within connect_timeout"
        assert asked in caught.detail


@contextlib.contextmanager
def full_backlog() -> Iterator[int]:
    """Listen at a port whose kernel takes no more connections: further SYNs go unanswered."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def test_a_jump_host_that_is_lost_in_mid_transfer_is_named_and_another_connection_works(
    shared_server: Sshd, own_bastion: Sshd, tmp_path: Path
) -> None:
    large = tmp_path / "lost"
    with large.open("wb") as made:
        made.truncate(400 * 1024 * 1024)
    with nothing_left():
        sender = SftpSender(options(shared_server, jump=over(own_bastion), timeout=60.0), Clock())
        sending = gevent.spawn(failure, sender, large)
        arriving = shared_server.root / "lost"
        for _ in range(500):
            if arriving.exists() and arriving.stat().st_size > 1_000_000:
                break
            gevent.sleep(0.01)
        own_bastion.cut()
        caught = sending.get(timeout=20)
        assert caught.kind == "reset"
        assert name_of(own_bastion) in caught.detail
        small = tmp_path / "small"
        small.write_bytes(b"abc")
        sender.send(transfer(small, 1))
        sender.close()
    assert (shared_server.root / "small").read_bytes() == b"abc"
    arriving.unlink()


def test_a_jump_host_that_is_lost_before_sftp_has_started_is_named(
    own_bastion: Sshd, make_sender: MakeSender, file: Path, tmp_path: Path
) -> None:
    home = tmp_path / "slow"
    home.mkdir()
    with sshd.running(home, "ForceCommand sleep 30", "LogLevel VERBOSE") as slow:
        sending = gevent.spawn(failure, make_sender(slow, jump=over(own_bastion)), file)
        for _ in range(500):
            if "Starting session" in slow.log.read_text():
                break
            gevent.sleep(0.01)
        own_bastion.cut()
        caught = sending.get(timeout=20)
    assert caught.kind == "reset"
    assert f"{name_of(own_bastion)} was lost: " in caught.detail


def test_a_server_that_is_lost_behind_the_jump_host_is_not_the_jump_hosts_fault(
    server: Sshd, bastion: Sshd, make_sender: MakeSender, tmp_path: Path
) -> None:
    large = tmp_path / "lost"
    with large.open("wb") as made:
        made.truncate(400 * 1024 * 1024)
    sender = make_sender(server, jump=over(bastion), timeout=60.0)
    sending = gevent.spawn(failure, sender, large)
    for _ in range(500):
        if (server.root / "lost").exists() and (server.root / "lost").stat().st_size > 1_000_000:
            break
        gevent.sleep(0.01)
    server.cut()
    caught = sending.get(timeout=20)
    assert caught.kind == "reset"
    assert "jump host" not in caught.detail


@pytest.mark.parametrize("which", ["jump host", "server"])
def test_hosts_that_stop_in_mid_transfer_hold_up_neither_the_transfer_nor_the_end(
    server: Sshd, own_bastion: Sshd, tmp_path: Path, which: str
) -> None:
    large = tmp_path / "stopped"
    with large.open("wb") as made:
        made.truncate(400 * 1024 * 1024)
    stopped = own_bastion if which == "jump host" else server
    with nothing_left():
        sender = SftpSender(options(server, jump=over(own_bastion), timeout=2.0), Clock())
        sending = gevent.spawn(failure, sender, large)
        for _ in range(500):
            if (server.root / "stopped").exists():
                break
            gevent.sleep(0.01)
        stopped.signal(signal.SIGSTOP)
        try:
            caught = sending.get(timeout=5)
            began = time.monotonic()
            sender.close()
            assert time.monotonic() - began < 1
        finally:
            stopped.signal(signal.SIGCONT)
    assert caught.kind == "timeout"
    assert "still sending" in caught.detail


def test_a_run_that_ends_while_the_jump_host_keeps_silent_leaves_nothing(
    shared_server: Sshd, bastion: Sshd, file: Path
) -> None:
    with other_server(silent) as url, nothing_left():
        host = url.partition("//")[2].partition("/")[0]
        jump, limit = over(bastion, host=host), {"connect_timeout": 60.0, "timeout": 60.0}
        sender = SftpSender(options(shared_server, jump=jump, **limit), Clock())
        sending = gevent.spawn(failure, sender, file)
        gevent.sleep(0.3)
        began = time.monotonic()
        sender.close()
        assert sending.get(timeout=5).kind == "reset"
        assert time.monotonic() - began < 1


def test_files_of_its_own_that_are_missing_are_named_as_those_of_the_jump_host(
    shared_server: Sshd, bastion: Sshd, make_sender: MakeSender
) -> None:
    for key in ("key", "known_hosts"):
        with pytest.raises(StartError, match=rf"^jump\.{key}: nothing "):
            make_sender(shared_server, jump=over(bastion, **{key: "nothing"}))
