"""The client of ssh-agent at agents that misbehave; test_login.py has OpenSSH's own."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from gevent import socket
from gevent.event import Event
from gevent.server import StreamServer

from fthg.errors import StartError, TransferError
from fthg.protocols.sftp.ssh.agent import AgentError, check_agent, open_agent
from fthg.protocols.sftp.ssh.private_keys import CertificateFile
from tests.servers import ssh_agent
from tests.servers.sshd import Sshd

from ..conftest import MakeSender, transfer
from .test_private_keys import certify, generate

_KEY = b"\0\0\0\x0bssh-ed25519" + b"\0\0\0\x20" + bytes(32)

Play = Callable[..., None]


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


_ONE_KEY = _string(b"\x0c\0\0\0\x01" + _string(_KEY) + _string(b"loader \x1b[2J"))
"""The answer of an agent that holds one key."""


@contextlib.contextmanager
def _playing(path: Path, *answers: bytes) -> Iterator[None]:
    """Run an agent that gives these answers and then ends the connection; an empty one hangs."""

    def serve(connection: socket.socket, _: Any) -> None:
        for answer in answers:
            connection.recv(4096)
            if not answer:
                Event().wait()
            connection.sendall(answer)
        connection.recv(4096)

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(5)
    server = StreamServer(listener, serve)
    server.start()
    try:
        yield
    finally:
        server.stop(timeout=1)
        listener.close()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "agent"
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    return path


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "it ended the connection"),
        (_string(b"\x05"), "it does not list its keys"),
        (_string(b""), "it sends an answer of 0 bytes"),
        (b"\xff\xff\xff\xff", "it sends an answer of 4294967295 bytes"),
        (_string(b"\x0c\xff\xff\xff\xff"), "its list of keys is damaged"),
        (_string(b"\x0c\0\0\0\0"), "it holds no key; add one with: ssh-add"),
    ],
)
def test_an_agent_that_is_of_no_use_stops_the_start(path: Path, answer: bytes, reason: str) -> None:
    with _playing(path, *([answer] if answer else [])), pytest.raises(StartError) as caught:
        check_agent(True)
    assert reason in str(caught.value)


def test_what_an_agent_holds_is_shown_without_control_characters(path: Path) -> None:
    with _playing(path, _ONE_KEY), pytest.raises(StartError) as caught:
        check_agent("other")
    assert r" loader \x1b[2J (ssh-ed25519)" in str(caught.value)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [((), "it ended the connection"), ((_string(b"\x05"),), "it does not sign with this key")],
)
def test_an_agent_that_does_not_sign_is_an_error(
    path: Path, answers: tuple[bytes, ...], reason: str
) -> None:
    with _playing(path, _ONE_KEY, *answers):
        agent = open_agent()
        with pytest.raises(AgentError, match=reason):
            agent.get_keys()[0].sign_ssh_data(b"data")
        agent.close()


def test_a_certificate_of_no_key_of_the_agent_stops_the_start(path: Path, tmp_path: Path) -> None:
    for name in ("ca", "held", "other"):
        generate(tmp_path / name)
    with ssh_agent.running(path):
        ssh_agent.add(tmp_path / "held")
        check_agent(True, CertificateFile(str(certify(tmp_path, "held"))))
        with pytest.raises(StartError, match="is no certificate of a key of the"):
            check_agent(True, CertificateFile(str(certify(tmp_path, "other"))))


@pytest.mark.parametrize("answers", [0, 1])
def test_an_agent_that_hangs_takes_no_longer_than_connect_timeout(
    path: Path, tmp_path: Path, shared_server: Sshd, make_sender: MakeSender, answers: int
) -> None:
    """As an agent does while a user must confirm the use of a key."""
    file = tmp_path / "f"
    file.write_bytes(b"abc")
    key = base64.b64decode(shared_server.key.with_suffix(".pub").read_text().split()[1])
    held = _string(b"\x0c\0\0\0\x01" + _string(key) + _string(b""))
    with _playing(path, held):
        limits = {"connect_timeout": 1.0, "timeout": 8.0}
        sender = make_sender(shared_server, key=None, agent="true", **limits)
    path.unlink()
    with _playing(path, *[held] * answers, b""), pytest.raises(TransferError) as caught:
        sender.send(transfer(file))
    assert caught.value.kind == "connect_timeout"
    detail = caught.value.detail
    assert "authenticating was not done within connect_timeout (1s); " in detail
    assert "agent: " in detail
    assert ("tried: agent's key ssh-ed25519 " in detail) == bool(answers)
