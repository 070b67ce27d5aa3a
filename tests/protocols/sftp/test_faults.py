from __future__ import annotations

import gc
import os
import signal
import struct
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Callable, NamedTuple, Optional

import gevent
import paramiko
import pytest
from gevent import socket
from gevent.pool import Pool
from gevent.server import StreamServer
from paramiko.common import AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from fthg.clock import Clock
from fthg.errors import TransferError
from fthg.protocols.sftp import SftpSender
from tests.garbage import earlier_objects_left_alone
from tests.servers import free_port, ssh_agent, sshd
from tests.servers.sshd import Sshd
from tests.waiting import until_written

from .conftest import MakeSender, options, transfer

Hold = Callable[[socket.socket, Any], None]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "f"
    made.write_bytes(b"abc")
    return made


@pytest.fixture
def large(tmp_path: Path) -> Path:
    made = tmp_path / "large"
    with made.open("wb") as writer:
        writer.truncate(96 * 1024 * 1024)
    return made


def failure(sender: SftpSender, path: Path, seq: int = 0) -> TransferError:
    with pytest.raises(TransferError) as caught:
        sender.send(transfer(path, seq))
    return caught.value


@contextmanager
def other_server(serve: Hold) -> Iterator[str]:
    """Run a server that is no sshd for the length of a block; yield its URL."""
    server = StreamServer(("127.0.0.1", 0), serve)
    server.start()
    try:
        yield f"sftp://127.0.0.1:{server.server_port}/in"
    finally:
        server.stop(timeout=1)


def silent(connection: socket.socket, _: Any) -> None:
    while connection.recv(1000):
        pass


def says(words: bytes) -> Hold:
    def serve(connection: socket.socket, _: Any) -> None:
        connection.sendall(words)
        connection.shutdown(socket.SHUT_WR)
        silent(connection, None)

    return serve


def cuts(connection: socket.socket, _: Any) -> None:
    connection.recv(1000)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def gushes(connection: socket.socket, _: Any) -> None:
    while True:
        connection.sendall(b"no end of this line " * 100)


class Leftovers(NamedTuple):
    """The resources that a sender must not leave behind."""

    greenlets: Mapping[int, str]  # by their ids: to keep them would keep them alive
    descriptors: int
    threads: int

    def beyond(self, before: Leftovers) -> tuple[Sequence[str], int, int]:
        """Return what was not there before."""
        return (
            [name for key, name in self.greenlets.items() if key not in before.greenlets],
            max(0, self.descriptors - before.descriptors),
            max(0, self.threads - before.threads),
        )


def leftovers() -> Leftovers:
    gevent.sleep(0.02)
    gc.collect()
    return Leftovers(
        {
            id(one): repr(one)
            for one in gc.get_objects()
            if isinstance(one, gevent.Greenlet) and not one.dead
        },
        len(os.listdir("/proc/self/fd")),
        sum(isinstance(found, paramiko.Transport) for found in threading.enumerate()),
    )


@contextmanager
def nothing_left() -> Iterator[None]:
    with earlier_objects_left_alone():
        before = leftovers()
        yield
        left = leftovers().beyond(before)
        for _ in range(100):
            if not any(left):
                break
            gevent.sleep(0.02)
            left = leftovers().beyond(before)
        assert left == ([], 0, 0)


# --- before there is a connection


def test_nobody_listens(shared_server: Sshd, make_sender: MakeSender, file: Path) -> None:
    sender = make_sender(shared_server, url=f"sftp://127.0.0.1:{free_port()}/in")
    assert failure(sender, file).kind == "refused"


@pytest.mark.parametrize(
    ("serve", "kind", "words"),
    [
        (silent, "connect_timeout", "handshaking was not done within connect_timeout (0.5s)"),
        (says(b""), "reset", "before it sent an SSH version"),
        (says(b"Exceeded MaxStartups\r\n"), "reset", "'Exceeded MaxStartups'"),
        (
            says(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            "protocol",
            "an HTTP server answers there: 'HTTP/1.1 400 Bad Request'",
        ),
        (says(b"hello\r\nSSH-1.5-old\r\n"), "protocol", "1.5"),
        (cuts, "reset", "before the server's SSH version"),
        (says(b"SSH-2.0-x\r\n"), "reset", "handshaking"),
        (says(b"SSH-2.0-x\r\n\xf0\0\0\x0c\x01abcd"), "protocol", "a packet of"),
        (says(b"SSH-2.0-x\r\n" + b"\0\0\0\x0c\x01 nonsense" * 9), "protocol", "handshaking"),
        (gushes, "protocol", "no end of this line"),
    ],
)
def test_no_ssh_server_is_there(
    shared_server: Sshd, file: Path, serve: Hold, kind: str, words: str
) -> None:
    with other_server(serve) as url, nothing_left():
        sender = _sender(shared_server, url=url, connect_timeout=0.5)
        began = time.monotonic()
        caught = failure(sender, file)
        assert time.monotonic() - began < 3
        assert (caught.kind, words in caught.detail) == (kind, True), caught
        assert "connecting" in caught.phases
        sender.close()


def _sender(server: Sshd, **changes: Any) -> SftpSender:
    return SftpSender(options(server, **changes), Clock())


def test_a_transfer_waits_for_a_connection_no_longer_than_its_own_deadline(
    shared_server: Sshd, file: Path
) -> None:
    with other_server(silent) as url, nothing_left():
        sender = _sender(shared_server, url=url, connect_timeout=3.0, timeout=0.3)
        caught = failure(sender, file)
        assert caught.kind == "timeout"
        assert "still handshaking" in caught.detail
        sender.close()


class CutAt(paramiko.ServerInterface):
    """Run an SSH server that cuts the connection at one step of its opening."""

    def __init__(self, step: str, connection: socket.socket) -> None:
        self._step = step
        self._connection = connection

    def _reach(self, step: str) -> None:
        if step == self._step:
            self._connection.shutdown(socket.SHUT_RDWR)

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:  # noqa: ARG002
        self._reach("login")
        return AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        self._reach("channel")
        return OPEN_SUCCEEDED

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:  # noqa: ARG002
        self._reach("subsystem")
        return True


@pytest.mark.parametrize("step", ["login", "channel", "subsystem"])
def test_a_connection_cut_while_it_is_opened_is_reset(
    shared_server: Sshd, file: Path, step: str
) -> None:
    key = paramiko.Ed25519Key(filename=str(shared_server.host_key))

    def serve(connection: socket.socket, _: Any) -> None:
        transport = paramiko.Transport(connection)
        transport.add_server_key(key)
        with suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(server=CutAt(step, connection))
            transport.join(5)
        transport.close()

    with other_server(serve) as url:
        sender = _sender(shared_server, url=url, host_key="ignore")
        assert failure(sender, file).kind == "reset"
        sender.close()


# --- host key and login


def test_an_unknown_host_key(server: Sshd, make_sender: MakeSender, file: Path) -> None:
    server.known_hosts.write_text("")
    sender = make_sender(server)
    caught = failure(sender, file)
    assert caught.kind == "host_key"
    assert "ssh-keyscan -p" in caught.detail
    server.trust_host()  # while the job runs
    sender.send(transfer(file))


def test_a_changed_host_key(server: Sshd, make_sender: MakeSender, file: Path) -> None:
    key = server.key.with_suffix(".pub").read_text()
    server.known_hosts.write_text(f"[127.0.0.1]:{server.port} {key}")
    for policy in ("strict", "accept-new"):
        caught = failure(make_sender(server, host_key=policy), file)
        assert caught.kind == "host_key"
        assert "CHANGED" in caught.detail
    make_sender(server, host_key="ignore").send(transfer(file))


def test_a_new_host_key_is_accepted_if_asked_for(
    server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    server.known_hosts.unlink()
    make_sender(server, host_key="accept-new", connections=3).send(transfer(file))
    make_sender(server).send(transfer(file))


def test_the_kind_of_host_key_that_is_known_is_asked_for(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    home = tmp_path / "sshd"
    home.mkdir()
    second = tmp_path / "host_rsa"
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", str(second)], check=True)
    with sshd.running(home, f"HostKey {second}") as server:
        key = second.with_suffix(".pub").read_text()
        server.known_hosts.write_text(f"[127.0.0.1]:{server.port} {key}")
        make_sender(server).send(transfer(file))


def test_a_key_that_may_not_log_in(server: Sshd, file: Path) -> None:
    (server.home / "authorized_keys").write_text("")
    with nothing_left():
        sender = _sender(server)
        for _ in range(2):
            caught = failure(sender, file)
            assert caught.kind == "auth"
            assert "key ssh-ed25519 SHA256:" in caught.detail
        sender.close()


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_every_kind_of_key_logs_in(
    server: Sshd, make_sender: MakeSender, file: Path, kind: str
) -> None:
    key = server.make_key("mine", kind, "correct horse")
    make_sender(server, key=str(key), passphrase="correct horse").send(transfer(file))


def test_an_agents_key_logs_in(
    server: Sshd, make_sender: MakeSender, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = server.home / "agent"
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    with ssh_agent.running(path):
        ssh_agent.add(server.key)
        make_sender(server, key=None, agent="true").send(transfer(file))


@contextmanager
def _open_directory() -> Iterator[str]:
    """Make a directory that every user of the system may write to."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o777)
        yield path


def test_passwords(server: Sshd, make_sender: MakeSender, file: Path) -> None:
    with sshd.password_user() as (user, password), _open_directory() as inbox:
        url = server.url(inbox)
        make_sender(server, url=url, key=None, user=user, password=password).send(transfer(file))
        assert Path(inbox, "f").read_bytes() == b"abc"
        sender = make_sender(server, key=None, user=user, password="false", connect_timeout=20.0)
        caught = failure(sender, file)
        assert caught.kind == "auth"
        assert f"refuses the password of user '{user}'; tried: password" in caught.detail
        assert "false" not in caught.detail


def test_no_permission(server: Sshd, make_sender: MakeSender, file: Path) -> None:
    with sshd.password_user() as (user, password):
        url = server.url("/root")
        caught = failure(make_sender(server, url=url, key=None, user=user, password=password), file)
    assert (caught.kind, caught.code) == ("permission", 3)


# --- channel and SFTP


@pytest.mark.parametrize(
    ("option", "kind"),
    [
        ("MaxSessions 0", "channel"),
        ("ForceCommand false", "channel"),
        ("ForceCommand echo This account is closed", "protocol"),
        ("Subsystem other /bin/false", "channel"),
    ],
)
def test_no_sftp_for_this_user(
    tmp_path: Path, make_sender: MakeSender, file: Path, option: str, kind: str
) -> None:
    home = tmp_path / "sshd"
    home.mkdir()
    with sshd.running(home, option) as server:
        if option.startswith("Subsystem"):
            _without_subsystem(server)
        caught = failure(make_sender(server), file)
        assert caught.kind == kind, caught


def _without_subsystem(server: Sshd) -> None:
    server.stop()
    configuration = server.home / "sshd_config"
    text = configuration.read_text()
    configuration.write_text(text.replace("Subsystem sftp internal-sftp", ""))
    server.start_as_configured()


def test_a_missing_directory(shared_server: Sshd, make_sender: MakeSender, file: Path) -> None:
    caught = failure(make_sender(shared_server, url=shared_server.url("/none/such")), file)
    assert (caught.kind, caught.code) == ("no_path", 2)
    assert "mkdir: true" in caught.detail


def test_a_directory_of_the_files_name(
    shared_server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    (shared_server.root / "taken").mkdir()
    caught = failure(make_sender(shared_server, remote_name="taken"), file)
    assert (caught.kind, caught.code) == ("remote", 4)
    assert "Failure" in caught.detail


@pytest.mark.parametrize("atomic", ["false", "true"])
def test_a_full_disk(
    shared_server: Sshd, make_sender: MakeSender, tmp_path: Path, file: Path, atomic: str
) -> None:
    too_large = tmp_path / "too_large"
    too_large.write_bytes(os.urandom(3 * 1024 * 1024))
    with _small_disk(tmp_path / "disk") as disk:
        sender = make_sender(shared_server, url=shared_server.url(str(disk)), atomic=atomic)
        caught = failure(sender, too_large)
        assert (caught.kind, caught.code) == ("remote", 4)
        sender.send(transfer(file))
        gevent.sleep(0.2)
        assert [found.name for found in disk.iterdir()] == ["f"]


@contextmanager
def _small_disk(path: Path) -> Iterator[Path]:
    if os.getuid() != 0:
        pytest.skip("only root can mount a small disk")
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(path)]
    if subprocess.run(command, check=False, timeout=30).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True, timeout=30)


# --- while it is sent


def test_a_connection_cut_in_mid_file_fails_its_own_transfers_only(
    server: Sshd, shared_server: Sshd, make_sender: MakeSender, file: Path, large: Path
) -> None:
    sender, other = make_sender(server, timeout=60.0), make_sender(shared_server)
    sender.send(transfer(file))
    sending = gevent.spawn(failure, sender, large)
    until_written(server.root / "large")
    server.cut()
    caught = sending.get(timeout=10)
    assert caught.kind == "reset"
    assert 0 < caught.sent < large.stat().st_size
    other.send(transfer(file))
    sender.send(transfer(file))  # the next one connects anew


def test_an_idle_connection_that_was_cut_is_replaced(
    server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    sender = make_sender(server)
    sender.send(transfer(file))
    server.cut()
    gevent.sleep(0.2)
    sender.send(transfer(file))


def test_a_server_that_stops_and_comes_back(
    server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    sender = make_sender(server)
    sender.send(transfer(file))
    server.stop()
    gevent.sleep(0.1)
    assert failure(sender, file).kind == "refused"
    server.start_as_configured()
    sender.send(transfer(file))


class Knocks:
    """Counts the connections to a port, none of which gets an SSH version."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, connection: socket.socket, _: Any) -> None:
        self.calls += 1
        connection.close()


def patient_sender(server: Sshd, **changes: Any) -> SftpSender:
    """Return the sender of a job that has a schedule."""
    return SftpSender(options(server, paced=True, **changes), Clock())


def test_a_schedule_does_not_make_every_transfer_connect(shared_server: Sshd, file: Path) -> None:
    door = Knocks()
    with other_server(door) as url, closing(patient_sender(shared_server, url=url)) as sender:
        failures = [failure(sender, file, seq) for seq in range(50)]
        assert {fault.kind for fault in failures} == {"reset"}
        assert 1 <= door.calls < 25
        details = Counter(fault.detail for fault in failures)
        assert len(details) == 2
        first, again = details
        assert again == f"{first} (a moment ago; next attempt within 1s)"
        assert set(failures[-1].phases) <= {"blocked"}


def test_at_max_and_without_reuse_every_transfer_connects(shared_server: Sshd, file: Path) -> None:
    door = Knocks()
    with other_server(door) as url:
        with closing(patient_sender(shared_server, url=url, reuse=False)) as sender:
            assert {failure(sender, file, seq).kind for seq in range(5)} == {"reset"}
        with closing(SftpSender(options(shared_server, url=url), Clock())) as sender:
            assert {failure(sender, file, seq).kind for seq in range(5)} == {"reset"}
    assert door.calls == 10


def test_a_server_that_is_back_is_found_within_a_second_or_so(server: Sshd, file: Path) -> None:
    with closing(patient_sender(server)) as sender:
        sender.send(transfer(file, 0))
        server.stop()
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            assert failure(sender, file).kind in ("refused", "reset")
            gevent.sleep(0.02)
        server.start_as_configured()
        back = time.monotonic()
        seq = 1
        while True:
            with suppress(TransferError):
                sender.send(transfer(file, seq))
                break
            gevent.sleep(0.02)
        assert time.monotonic() - back < 5


@pytest.mark.parametrize("size", ["file", "large"])
def test_a_frozen_server_costs_no_more_than_the_deadline(
    server: Sshd, request: pytest.FixtureRequest, file: Path, size: str
) -> None:
    path = request.getfixturevalue(size)
    with nothing_left():
        sender = _sender(server, timeout=1.0, connect_timeout=0.4)
        sender.send(transfer(file))
        server.signal(signal.SIGSTOP)
        began = time.monotonic()
        pool = Pool()
        failed = [pool.spawn(failure, sender, path, seq) for seq in range(5)]
        gevent.joinall(failed, timeout=10, raise_error=True)
        assert time.monotonic() - began < 4
        assert {one.get().kind for one in failed} == {"timeout"}
        server.signal(signal.SIGCONT)
        sender.send(transfer(file))
        sender.close()


def test_a_frozen_server_while_connecting(server: Sshd, file: Path) -> None:
    with nothing_left():
        server.signal(signal.SIGSTOP)
        sender = _sender(server, connect_timeout=0.4)
        assert failure(sender, file).kind == "connect_timeout"
        server.signal(signal.SIGCONT)
        sender.send(transfer(file))
        sender.close()


def test_a_killed_transfer_leaves_the_others_and_no_part_of_itself(
    server: Sshd, make_sender: MakeSender, file: Path, large: Path
) -> None:
    sender = make_sender(server, atomic="true", timeout=60.0)
    sender.send(transfer(file))
    sending = gevent.spawn(sender.send, transfer(large))
    until_written(server.root / "large.00000000-0000-0000-0000-000000000001.part")
    sending.kill()
    sender.send(transfer(file, 1))
    for _ in range(300):
        if [found.name for found in server.root.iterdir()] == ["f"]:
            break
        gevent.sleep(0.02)
    assert [found.name for found in server.root.iterdir()] == ["f"]
    assert server.log.read_text().count("Accepted publickey") == 1


def test_a_transfer_killed_while_it_connects_leaves_nothing(
    shared_server: Sshd, file: Path
) -> None:
    with other_server(silent) as url, nothing_left():
        sender = _sender(shared_server, url=url, reuse=False)
        sending = gevent.spawn(sender.send, transfer(file))
        gevent.sleep(0.1)
        sending.kill()
        assert _soon(lambda: not threading_transports())
        sender.close()


def threading_transports() -> list[threading.Thread]:
    return [found for found in threading.enumerate() if isinstance(found, paramiko.Transport)]


def _soon(condition: Callable[[], object]) -> bool:
    for _ in range(100):
        if condition():
            return True
        gevent.sleep(0.02)
    return False


def test_closing_ends_all_within_a_second(server: Sshd, file: Path, large: Path) -> None:
    with nothing_left():
        sender = _sender(server, timeout=60.0)
        sender.send(transfer(file))
        server.signal(signal.SIGSTOP)
        sending = gevent.spawn(failure, sender, large)
        gevent.sleep(0.1)
        began = time.monotonic()
        sender.close()
        assert sending.get(timeout=5).kind == "reset"
        assert time.monotonic() - began < 3
        assert failure(sender, file).kind == "reset"


# --- the local file


def test_a_local_file_that_is_gone(
    shared_server: Sshd, make_sender: MakeSender, tmp_path: Path
) -> None:
    sender = make_sender(shared_server)
    assert failure(sender, tmp_path / "gone").kind == "file"
    assert failure(sender, tmp_path).kind == "file"
    os.mkfifo(tmp_path / "pipe")
    assert failure(sender, tmp_path / "pipe").kind == "file"
    assert not (shared_server.root / "gone").exists()


@pytest.mark.parametrize("change", [-1024 * 1024, 1024])
def test_a_local_file_that_changes_fails(
    server: Sshd, make_sender: MakeSender, file: Path, large: Path, change: int
) -> None:
    sender = make_sender(server, timeout=60.0)
    sender.send(transfer(file))
    sending = gevent.spawn(failure, sender, large)
    until_written(server.root / "large")
    os.truncate(large, large.stat().st_size + change)
    assert sending.get(timeout=30).kind == "file"
    assert _soon(lambda: not (server.root / "large").exists())
    sender.send(transfer(file))


def test_a_name_that_leads_elsewhere_is_not_sent(
    shared_server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    sender = make_sender(shared_server, remote_name="{path}")
    with pytest.raises(TransferError) as caught:
        sender.send(transfer(file, name="../f"))
    assert caught.value.kind == "name"


def test_a_failure_without_an_answer_has_no_code(
    shared_server: Sshd, make_sender: MakeSender, tmp_path: Path
) -> None:
    code: Optional[int] = failure(make_sender(shared_server), tmp_path / "gone").code
    assert code is None
