"""The files at the server, and the reports on them, when servers and connections misbehave."""

from __future__ import annotations

import hashlib
import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import gevent
import paramiko
import pytest
from gevent.pool import Pool
from gevent.server import StreamServer
from paramiko.common import AUTH_SUCCESSFUL, OPEN_SUCCEEDED
from paramiko.message import Message

from fthg.clock import Clock
from fthg.errors import TransferError
from fthg.protocols.sftp import SftpSender, packets
from tests.servers import dropbear, sshd
from tests.servers.sshd import Sshd

from .conftest import MakeSender, options, transfer

PROGRAMS = "/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "f"
    made.write_bytes(b"abc" * 20_000)
    return made


def failure(sender: SftpSender, path: Path, seq: int = 0) -> TransferError:
    with pytest.raises(TransferError) as caught:
        sender.send(transfer(path, seq))
    return caught.value


@contextmanager
def forced(tmp_path: Path, arguments: str) -> Iterator[Sshd]:
    """Run an sshd whose SFTP server has these arguments."""
    program = next((path for path in PROGRAMS if Path(path).exists()), "")
    if not program:
        pytest.skip("there is no sftp-server")
    home = tmp_path / "sshd"
    home.mkdir()
    with sshd.running(home, f"ForceCommand {program} {arguments}") as server:
        yield server


# --- what OpenSSH may refuse


def test_a_refused_mode_is_warned_of_once_and_the_files_stay(
    tmp_path: Path, make_sender: MakeSender, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with forced(tmp_path, "-P fsetstat,setstat") as server:
        sender = make_sender(server, mode="0600", remote_name="{seq}")
        for seq in range(3):
            assert sender.send(transfer(file, seq)).code == 0
        assert [(server.root / str(seq)).read_bytes() for seq in range(3)] == [
            file.read_bytes()
        ] * 3
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1


def test_a_mode_that_is_refused_for_an_open_file_is_set_by_its_name(
    tmp_path: Path, make_sender: MakeSender, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with forced(tmp_path, "-P fsetstat -u 0777") as server:
        make_sender(server, mode="0640", atomic="true").send(transfer(file))
        assert (server.root / "f").stat().st_mode & 0o777 == 0o640
    assert not [record for record in caplog.records if record.levelno == logging.WARNING]


def test_a_marker_has_the_mode_of_its_file(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    with forced(tmp_path, "-u 0777") as server:
        make_sender(server, mode="0640", marker="{filename}.done").send(transfer(file))
        modes = {path.name: path.stat().st_mode & 0o777 for path in server.root.iterdir()}
    assert modes == {"f": 0o640, "f.done": 0o640}


def test_a_server_that_renames_onto_no_file_says_so(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    with forced(tmp_path, "-P posix-rename") as server:
        sender = make_sender(server, atomic="true", marker="{filename}.done")
        sender.send(transfer(file))
        (server.root / "f.done").unlink()
        caught = failure(sender, file)
        assert caught.kind == "remote"
        assert "this server's rename does not replace a file" in caught.detail
        assert [path.name for path in server.root.iterdir()] == ["f"]


@pytest.mark.parametrize("atomic", ["false", "true"])
def test_a_size_that_the_server_does_not_tell_fails(
    tmp_path: Path, make_sender: MakeSender, file: Path, atomic: str
) -> None:
    with forced(tmp_path, "-P stat") as server:
        caught = failure(make_sender(server, check_size="true", atomic=atomic), file)
        assert caught.kind == "size"
        assert "is unchecked: " in caught.detail
        assert caught.sent == file.stat().st_size
        left = [found.name for found in server.root.iterdir()]
        assert left == ([] if atomic == "true" else ["f"])


def test_a_part_that_cannot_be_removed_is_named(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    with forced(tmp_path, "-P remove,posix-rename,rename") as server:
        caught = failure(make_sender(server, atomic="true"), file)
        (left,) = server.root.iterdir()
        assert left.name.endswith(".part")
        assert f"{str(left)!r} is left there: Permission denied" in caught.detail


# --- the connection and its ends


def test_results_name_the_connection(
    tmp_path: Path, make_sender: MakeSender, server: Sshd, file: Path
) -> None:
    sender = make_sender(server)
    first, second = (sender.send(transfer(file, seq)).peer for seq in range(2))
    assert first
    assert second
    assert first.remote == f"127.0.0.1:{server.port}"
    assert (first.reused, second.reused) == (False, True)
    assert second == first._replace(reused=True)
    assert f"port {first.local_port} ssh2" in server.log.read_text()
    lost = make_sender(server, remote_name="none/{filename}")
    assert getattr(failure(lost, file).peer, "remote", None) == first.remote


def test_our_own_end_of_a_connection_is_not_logged_as_a_loss(
    server: Sshd, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "fthg.sftp")
    with closing(SftpSender(options(server), Clock())) as sender:
        sender.send(transfer(file))
    gevent.sleep(0.1)
    ends = [text for text in caplog.messages if "SSH connection" in text]
    assert any("SSH connection closed" in text for text in ends)
    assert not any("reset" in text for text in ends)


def test_a_key_that_has_no_signature_in_common_is_named(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    home = tmp_path / "sshd"
    home.mkdir()
    with sshd.running(home, "HostKeyAlgorithms ssh-rsa") as server:
        key = server.make_key("host_rsa", "rsa")
        configuration = home / "sshd_config"
        text = configuration.read_text().replace(str(server.host_key), str(key))
        server.stop()
        configuration.write_text(text)
        server.start_as_configured()
        try:
            make_sender(server, host_key="ignore").send(transfer(file))
        except TransferError as error:  # releases that still know ssh-rsa succeed
            assert (error.kind, "host key" in error.detail) == ("protocol", True)  # noqa: PT017


# --- servers that end connections


class Frail(paramiko.ServerInterface):
    """An SSH server whose SFTP ends the connection upon OPEN, so many times."""

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:  # noqa: ARG002
        return AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return OPEN_SUCCEEDED


class CutsUponOpen(paramiko.SFTPServer):
    """Cuts the connection upon OPEN while the test wants it to; may write to stderr first."""

    cuts = 0
    end = b""  # only upon that of a name with this end
    opened = 0
    noise = 0

    def _send_server_version(self) -> Any:
        assert self.sock
        if self.noise:
            self.sock.sendall_stderr(bytes(self.noise))
        return super()._send_server_version()  # type: ignore[misc]

    def _process(self, t: int, request_number: int, msg: Message) -> None:
        if t == packets.OPEN:
            type(self).opened += 1
            path = msg.get_binary()
            msg.rewind()
            msg.get_int()  # the id
            if type(self).cuts and path.endswith(type(self).end):
                type(self).cuts -= 1
                assert self.sock
                self.sock.get_transport().sock.shutdown(socket.SHUT_RDWR)
                return
        super()._process(t, request_number, msg)  # type: ignore[misc]


class Disk(paramiko.SFTPServerInterface):
    """Writes files below a directory."""

    root = Path()

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> Any:  # noqa: ARG002
        handle = paramiko.SFTPHandle(flags)
        handle.writefile = (self.root / Path(path).name).open("wb")  # type: ignore[attr-defined]
        return handle

    def rename(self, oldpath: str, newpath: str) -> int:
        (self.root / Path(oldpath).name).rename(self.root / Path(newpath).name)
        return 0


@contextmanager
def frail_server(
    shared: Sshd,
    root: Path,
    cuts: int = 0,
    noise: int = 0,
    signatures: Sequence[str] = (),
    end: bytes = b"",
) -> Iterator[str]:
    """Run a server that cuts the connection upon each of the first OPENs; yield its URL."""
    key = paramiko.Ed25519Key(filename=str(shared.host_key))
    CutsUponOpen.noise, CutsUponOpen.end = noise, end
    Disk.root, CutsUponOpen.cuts, CutsUponOpen.opened = root, cuts, 0

    def serve(connection: socket.socket, _: Any) -> None:
        transport = paramiko.Transport(connection)
        transport.add_server_key(key)
        if signatures:
            transport._preferred_pubkeys = tuple(signatures)  # type: ignore[attr-defined]
        transport.set_subsystem_handler("sftp", CutsUponOpen, Disk)
        with suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(server=Frail())
            transport.join(30)
        transport.close()

    running = StreamServer(("127.0.0.1", 0), serve)
    running.start()
    try:
        yield f"sftp://127.0.0.1:{running.server_port}/in"
    finally:
        running.stop(timeout=1)


@pytest.mark.parametrize("atomic", ["false", "true"])
def test_an_open_without_an_answer_is_repeated_on_another_connection(
    shared_server: Sshd, make_sender: MakeSender, tmp_path: Path, file: Path, atomic: str
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with frail_server(shared_server, root, cuts=1) as url:
        sender = make_sender(shared_server, url=url, host_key="ignore", atomic=atomic)
        sent = sender.send(transfer(file))
        assert (sent.code, sent.bytes) == (0, file.stat().st_size)
        assert [found.name for found in root.iterdir()] == ["f"]
        assert _digest(root / "f") == _digest(file)
        assert CutsUponOpen.opened == 2


def test_an_open_is_not_repeated_without_end(
    shared_server: Sshd, make_sender: MakeSender, tmp_path: Path, file: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with frail_server(shared_server, root, cuts=100) as url:
        sender = make_sender(shared_server, url=url, host_key="ignore")
        caught = failure(sender, file)
        assert (caught.kind, caught.sent) == ("reset", 0)
        assert "an incomplete file may be left there as '/in/f'" in caught.detail
        assert CutsUponOpen.opened == 3


@pytest.mark.parametrize("atomic", ["false", "true"])
def test_a_connection_that_ends_before_the_marker_says_what_is_there(
    shared_server: Sshd, make_sender: MakeSender, tmp_path: Path, file: Path, atomic: str
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with frail_server(shared_server, root, cuts=1, end=b".done") as url:
        given = {"url": url, "host_key": "ignore", "atomic": atomic}
        sender = make_sender(shared_server, **given, marker="{filename}.done")
        caught = failure(sender, file)
        assert (caught.kind, caught.sent) == ("reset", file.stat().st_size)
        assert caught.detail.endswith(
            "; '/in/f' is delivered, but its marker '/in/f.done' may be missing"
        )
        assert [found.name for found in root.iterdir()] == ["f"]
        assert _digest(root / "f") == _digest(file)
        assert CutsUponOpen.opened == 2


def test_a_server_that_writes_much_to_stderr_delays_nothing(
    shared_server: Sshd, make_sender: MakeSender, tmp_path: Path, file: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    # More than paramiko's window of 2 MiB, which stderr shares with the answers.
    with frail_server(shared_server, root, noise=5 * 1024 * 1024) as url:
        make_sender(shared_server, url=url, host_key="ignore").send(transfer(file))
    assert _digest(root / "f") == _digest(file)


def test_a_server_that_logs_to_stderr_takes_thousands_of_files(
    make_sender: MakeSender, tmp_path: Path
) -> None:
    home, file = tmp_path / "dropbear", tmp_path / "f"
    home.mkdir()
    file.write_bytes(b"abc")
    count = 2500  # about 1 KB of log each, and nothing came back after 2 MiB
    with dropbear.running(home, "-e", "-l", "DEBUG3") as server:
        sender = make_sender(server, remote_name=f"{{seq}}-{'x' * 200}", timeout=30.0)
        pool = Pool(64)
        sent = [pool.spawn(sender.send, transfer(file, seq)) for seq in range(count)]
        gevent.joinall(sent, timeout=60, raise_error=True)
    assert len(list(server.root.iterdir())) == count
    assert {path.read_bytes() for path in server.root.iterdir()} == {b"abc"}


def test_the_reason_for_which_paramiko_gave_up_is_reported(
    shared_server: Sshd, make_sender: MakeSender, tmp_path: Path, file: Path
) -> None:
    key = shared_server.make_key("rsa", "rsa")
    with frail_server(shared_server, tmp_path, signatures=["ssh-dss"]) as url:
        caught = failure(make_sender(shared_server, url=url, host_key="ignore", key=str(key)), file)
    assert caught.kind == "auth"
    assert "no signature in common: the server offers ssh-dss; paramiko " in caught.detail


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
