"""The reason for which an SSH connection ended."""

from __future__ import annotations

import logging

import paramiko
import pytest
from paramiko.ssh_exception import AuthenticationException, SSHException

from fthg.clock import SECOND
from fthg.protocols.paramiko_fixes.message_repr import shorten_message_repr
from fthg.protocols.paramiko_fixes.transport_log import TransportLog, is_connection_loss


@pytest.fixture
def log() -> TransportLog:
    return TransportLog(logging.getLogger("paramiko.test"), lambda: 0)


def test_the_servers_words_at_the_end_are_the_reason(log: TransportLog) -> None:
    log.log(logging.INFO, "Disconnect (code 2): Too many authentication failures")
    reason = log.reason(None, None)
    assert reason.kind == "reset"
    assert reason.detail.endswith("Disconnect (code 2): Too many authentication failures")


def test_without_any_words_the_server_has_closed_the_connection(log: TransportLog) -> None:
    assert log.reason(None, None).detail == "the server closed the connection"


def test_the_key_exchange_is_known_from_the_log(
    log: TransportLog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "paramiko.test")
    log.log(logging.DEBUG, "Kex: curve25519-sha256@libssh.org")
    log.log(logging.DEBUG, "starting %s", "thread")
    assert log.kex == "curve25519-sha256@libssh.org"
    assert caplog.messages == ["Kex: curve25519-sha256@libssh.org", "starting thread"]


def test_of_too_many_lines_in_a_second_the_rest_is_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "paramiko.test")
    times = iter([*[0] * 1000, SECOND, SECOND])
    log = TransportLog(logging.getLogger("paramiko.test"), lambda: next(times))
    for number in range(1002):
        log.log(logging.DEBUG, f"Debug msg: {number}")
    assert len(caplog.messages) == 200 + 1 + 2
    assert caplog.messages[199:202] == [
        "Debug msg: 199", "800 lines were left out", "Debug msg: 1000",
    ]  # fmt: skip


def test_long_words_of_a_server_are_cut(
    log: TransportLog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "paramiko.test")
    log.log(logging.INFO, "Auth banner: " + "x" * 60_000)
    log.log(logging.INFO, "Disconnect (code 2): " + "x" * 60_000)
    assert [len(message) for message in caplog.messages] == [400, 400]
    assert len(log.reason(None, None).detail) < 500


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (EOFError(), True),
        (ConnectionResetError("Connection reset by peer"), True),
        (SSHException("No existing session"), True),
        (SSHException("Negotiation failed."), True),
        (SSHException("Error reading SSH protocol banner: EOF"), True),
        (SSHException("Incompatible ssh peer (no acceptable kex algorithm)"), False),
    ],
)
def test_an_exception_may_mean_only_that_the_connection_ended(error: Exception, lost: bool) -> None:
    assert is_connection_loss(error) is lost


def test_why_paramiko_gave_up_survives_whoever_asked_it_before(log: TransportLog) -> None:
    log.log(logging.ERROR, "Exception (client): Mismatched MAC")
    lost = AuthenticationException("Authentication failed.")
    assert log.failure(lost, authenticating=True) == ("protocol", "Mismatched MAC")
    assert log.reason(None, None).detail == "the connection broke: Mismatched MAC"
    log.log(logging.INFO, "Disconnect (code 2): go away")
    both = "Mismatched MAC; Disconnect (code 2): go away"
    assert log.failure(lost, authenticating=False) == ("reset", both)


def test_an_exception_that_is_none_of_ssh_keeps_its_words(log: TransportLog) -> None:
    log.log(logging.ERROR, "Unknown exception: 'utf-8' codec can't decode byte 0xff")
    kind, words = log.failure(EOFError(), authenticating=False)
    assert (kind, words) == ("protocol", "'utf-8' codec can't decode byte 0xff")


def test_an_exception_without_words_is_named(log: TransportLog) -> None:
    assert log.failure(IndexError(), authenticating=False) == ("protocol", "IndexError")


def test_a_message_has_a_short_repr_whatever_it_holds() -> None:
    shorten_message_repr()
    assert len(repr(paramiko.Message(b"x" * 100_000))) < 100
