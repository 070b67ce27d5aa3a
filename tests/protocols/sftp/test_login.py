"""Logins at a server that plays a script, and at OpenSSH and asyncssh."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Callable, Optional, Union

import paramiko
import pytest
from gevent import socket
from gevent.server import StreamServer
from paramiko.common import AUTH_FAILED, AUTH_PARTIALLY_SUCCESSFUL, AUTH_SUCCESSFUL
from paramiko.message import Message
from paramiko.server import InteractiveQuery

from fthg.errors import TransferError
from fthg.protocols.secret_text import SecretText
from fthg.protocols.sftp import private_keys
from fthg.protocols.sftp.login import Account, log_in

from .test_private_keys import generate

PASSWORD = "correct horse"
NEW_PASSWORD = 60
"""The message by which a server asks for a new password."""


class Script(paramiko.ServerInterface):
    """Takes one means after another: each step lists methods, one of which it takes."""

    def __init__(self, steps: Sequence[str], rounds: Sequence[Sequence[tuple[str, bool]]]) -> None:
        """`rounds`: the questions of keyboard-interactive."""
        self.steps = list(steps)
        self.rounds = [list(prompts) for prompts in rounds]
        self.requests = 0
        """For the service of logins."""
        self.attempts: list[str] = []
        self.keys: list[bytes] = []
        self.refused: set[bytes] = set()
        self.answers: list[list[str]] = []
        self.expired = ""
        self.transport: Any = None
        self._asked = 0

    def get_banner(self) -> tuple[str, str]:
        self.requests += 1
        return "Authorised staff only", "en"

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return self.steps[0]

    def _take(self, method: str, right: bool) -> int:
        self.attempts.append(method)
        if not right or method not in self.steps[0].split(","):
            return AUTH_FAILED
        if len(self.steps) > 1:
            del self.steps[0]
            return AUTH_PARTIALLY_SUCCESSFUL
        return AUTH_SUCCESSFUL

    def check_auth_none(self, username: str) -> int:  # noqa: ARG002
        return self._take("none", right=False)

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:  # noqa: ARG002
        self.keys.append(key.asbytes())
        right = key.asbytes() not in self.refused
        self.refused.add(key.asbytes())  # each key counts once
        return self._take("publickey", right)

    def check_auth_password(self, username: str, password: str) -> int:  # noqa: ARG002
        if self.expired:
            message = Message()
            message.add_byte(bytes([NEW_PASSWORD]))
            message.add_string(self.expired)
            message.add_string("en")
            self.transport._send_message(message)
        return self._take("password", password == PASSWORD)

    def check_auth_interactive(
        self,
        username: str,  # noqa: ARG002
        submethods: Union[bytes, str],  # noqa: ARG002
    ) -> Union[int, InteractiveQuery]:
        self._asked = 1
        return InteractiveQuery("", "Say who you are", *self.rounds[0])

    def check_auth_interactive_response(self, responses: list[str]) -> Union[int, InteractiveQuery]:
        self.answers.append(responses)
        if self._asked < len(self.rounds):
            self._asked += 1
            return InteractiveQuery("", "", *self.rounds[self._asked - 1])
        given = [answer for answers in self.answers for answer in answers]
        return self._take("keyboard-interactive", set(given) <= {PASSWORD, "bob"})


class Played:
    """A login at a script: what came of it at both ends."""

    def __init__(self, script: Script, account: Account) -> None:
        self.script = script
        self.error = ""
        self.kind = ""
        self.method = ""
        with _serving(script, Path(account.host)) as port:
            transport = paramiko.Transport(socket.create_connection(("127.0.0.1", port)))
            try:
                transport.start_client(timeout=20)
                self.method = log_in(transport, account._replace(host="host"), None)
                assert transport.is_authenticated()
            except TransferError as error:
                self.kind, self.error = error.kind, error.detail
            finally:
                transport.close()


@contextlib.contextmanager
def _serving(script: Script, host_key: Path) -> Iterator[int]:
    key = paramiko.Ed25519Key(filename=str(host_key))

    def serve(connection: socket.socket, _: Any) -> None:
        script.transport = transport = paramiko.Transport(connection)
        transport.add_server_key(key)
        with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(server=script)
            transport.join(20)
        transport.close()

    server = StreamServer(("127.0.0.1", 0), serve)
    server.start()
    try:
        yield server.server_port
    finally:
        server.stop(timeout=1)


Play = Callable[..., Played]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Return a function that logs in, with a key and a password if no others are given."""
    for name in ("host", "key"):
        generate(tmp_path / name)

    def run(
        *steps: str,
        rounds: Sequence[Sequence[tuple[str, bool]]] = ((("Password: ", False),),),
        password: Optional[str] = PASSWORD,
        key: Optional[str] = "key",
        expired: str = "",
    ) -> Played:
        script = Script(steps, rounds)
        script.expired = expired
        made = private_keys.load(str(tmp_path / key), None) if key else None
        secret = None if password is None else SecretText(password)
        account = Account(str(tmp_path / "host"), 22, "bob", key=made, password=secret)
        return Played(script, account)

    return run


# --- the order of means


@pytest.mark.parametrize(
    "steps",
    [
        ("publickey",),
        ("password",),
        ("keyboard-interactive",),
        ("publickey", "password"),
        ("password", "publickey"),
        ("publickey", "keyboard-interactive"),
        ("keyboard-interactive", "publickey"),
        ("password", "keyboard-interactive"),
        ("keyboard-interactive", "password"),
        ("password", "publickey", "keyboard-interactive"),
    ],
)
def test_the_servers_order_is_followed_with_one_request_for_the_service(
    play: Play, steps: tuple[str, ...]
) -> None:
    played = play(*steps)
    assert played.script.attempts == ["none", *steps]
    assert played.script.requests == 1
    assert played.kind == ""
    assert len(played.method.split(", then ")) == len(steps)


def test_a_means_that_the_server_does_not_list_is_not_tried(play: Play) -> None:
    played = play("password", "gssapi-with-mic")
    assert played.script.attempts == ["none", "password"]
    assert played.kind == "auth"
    assert played.error == (
        "host port 22 accepted password of user 'bob', and wants gssapi-with-mic too,"
        " for which the job has nothing; tried: password"
    )


def test_a_refusal_after_an_accepted_means_names_both(play: Play) -> None:
    played = play("publickey", "password", password="wrong")
    assert played.script.attempts == ["none", "publickey", "password"]
    assert "accepted publickey of user 'bob', and wants password too" in played.error
    assert "but refuses the password" in played.error
    assert "wrong" not in played.error


def test_what_the_server_takes_is_said_if_the_job_has_none_of_it(play: Play) -> None:
    played = play("gssapi-with-mic,hostbased")
    assert played.kind == "auth"
    assert "takes only gssapi-with-mic, hostbased from user 'bob'" in played.error
    assert "the job has nothing; tried: nothing" in played.error


def test_a_key_is_not_tried_twice(play: Play) -> None:
    played = play("publickey", "publickey")
    assert len(played.script.keys) == 1
    assert "accepted publickey of user 'bob', and wants publickey too" in played.error


def test_a_refused_key_and_password_are_both_named(play: Play) -> None:
    played = play("publickey,password", password="wrong", key="host")
    played.script.refused = set(played.script.keys)
    again = play("hostbased,password", password="wrong")
    assert "host port 22 refuses the password of user 'bob'; tried: password;" in again.error
    assert again.error.endswith("it takes hostbased, password")


# --- keyboard-interactive


@pytest.mark.parametrize(
    ("rounds", "answers"),
    [
        ([[("Password: ", False)]], [[PASSWORD]]),
        ([[("Password: ", True)]], [[PASSWORD]]),
        ([[("Password: ", False), ("Again: ", False)]], [[PASSWORD, PASSWORD]]),
        ([[("Password: ", False)], []], [[PASSWORD], []]),
        ([[], [("Password: ", False)]], [[], [PASSWORD]]),
        ([[("User name: ", True)], [("Password: ", False)]], [["bob"], [PASSWORD]]),
        ([[("Password: ", False)]] * 3, [[PASSWORD]] * 3),
        ([[]], [[]]),
    ],
)
def test_all_questions_are_answered(
    play: Play, rounds: list[list[tuple[str, bool]]], answers: list[list[str]]
) -> None:
    played = play("keyboard-interactive", rounds=rounds)
    assert (played.kind, played.error) == ("", "")
    assert played.script.answers == answers
    assert played.script.requests == 1


def test_a_wrong_password_for_questions_is_called_wrong(play: Play) -> None:
    played = play("keyboard-interactive", password="wrong")
    assert played.kind == "auth"
    assert "host port 22 refuses the password of user 'bob'" in played.error
    assert "tried: keyboard-interactive; it takes keyboard-interactive" in played.error
    assert "it says: 'Say who you are'" in played.error
    assert "Authorised staff" not in played.error  # a general notice explains nothing


def test_questions_for_more_than_a_password_are_shown(play: Play) -> None:
    rounds = [[("Password: ", False)], [("One-time\x1b[2J code: ", False)]]
    played = play("keyboard-interactive", rounds=rounds, password="wrong")
    assert r"it asked: 'Password:', 'One-time\\x1b[2J code:'" in played.error


def test_a_new_password_is_never_given(play: Play) -> None:
    rounds = [[("Current password: ", False)], [("New password: ", False), ("Again: ", False)]]
    played = play("keyboard-interactive", rounds=rounds)
    assert played.script.answers == [[PASSWORD]]
    assert played.kind == "auth"
    assert played.error == (
        "host port 22: the password of user 'bob' has expired; the server asks: 'New password:'"
    )


def test_an_expired_password_is_told_from_a_wrong_one(play: Play) -> None:
    played = play("password", expired="Choose a\nnew one", password="old")
    assert played.kind == "auth"
    assert "has expired; the server asks: 'Choose a new one'" in played.error
