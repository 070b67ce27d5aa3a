"""Logins at a server that plays a script, and at OpenSSH and asyncssh."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
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

from fthg.errors import StartError, TransferError
from fthg.log import Masks
from fthg.protocols.secret_text import SecretText
from fthg.protocols.sftp.ssh import private_keys
from fthg.protocols.sftp.ssh.login import Account, log_in
from tests.servers import asyncssh, need, ssh_agent, sshd
from tests.servers.sshd import Sshd

from ..conftest import MakeSender, transfer
from .test_private_keys import certify, generate

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
        self.refuse_keys = self.refuse_passwords = False
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
        return self._take("publickey", not self.refuse_keys)

    def check_auth_password(self, username: str, password: str) -> int:  # noqa: ARG002
        if self.expired:
            message = Message()
            message.add_byte(bytes([NEW_PASSWORD]))
            message.add_string(self.expired)
            message.add_string("en")
            self.transport._send_message(message)
        return self._take("password", password == PASSWORD and not self.refuse_passwords)

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

    def __init__(self, script: Script, account: Account, host_key: Path) -> None:
        self.script = script
        self.account = account
        self.error = ""
        self.kind = ""
        self.method = ""
        with _serving(script, host_key) as port:
            transport = paramiko.Transport(socket.create_connection(("127.0.0.1", port)))
            try:
                transport.start_client(timeout=20)
                self.method = log_in(transport, account, None)
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
        refuse_keys: bool = False,
        refuse_passwords: bool = False,
        before: Optional[Played] = None,
        expired: str = "",
    ) -> Played:
        script = Script(steps, rounds)
        script.expired = expired
        script.refuse_keys, script.refuse_passwords = refuse_keys, refuse_passwords
        if before:
            return Played(script, before.account, tmp_path / "host")
        made = private_keys.load(str(tmp_path / "key"), None)
        secret = None if password is None else SecretText(password)
        account = Account("host", 22, "bob", key=made, password=secret)
        return Played(script, account, tmp_path / "host")

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
    played = play("publickey,password", password="wrong", refuse_keys=True)
    assert played.script.attempts == ["none", "publickey", "password"]
    assert "host port 22 refuses the key and the password of user 'bob'" in played.error
    assert "; tried: key ssh-ed25519 SHA256:" in played.error
    assert played.error.endswith(", password; it takes publickey, password")


def test_later_logins_begin_with_what_the_server_took(play: Play) -> None:
    first = play("password", "publickey")
    later = play("password", "publickey", before=first)
    assert later.script.attempts == ["password", "publickey"]
    assert later.kind == ""


def test_a_server_that_now_wants_another_order_is_followed(play: Play) -> None:
    first = play("password", "publickey")
    changed = play("publickey", "password", before=first)
    assert changed.script.attempts == ["password", "publickey", "password"]
    assert changed.kind == ""
    gone = play("hostbased", before=changed)
    assert "takes only hostbased" not in gone.error  # something was tried
    assert "tried: password" in gone.error
    again = play("password", "publickey", before=gone)
    assert again.script.attempts == ["none", "password", "publickey"]


def test_the_notice_to_everybody_explains_no_later_refusal(play: Play) -> None:
    first = play("password")
    later = play("password", refuse_passwords=True, before=first)
    assert later.script.attempts == ["password"]
    assert "refuses the password" in later.error
    assert "Authorised staff" not in later.error


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
    assert 'it says: "Say who you are"' in played.error
    assert "Authorised staff" not in played.error  # a general notice explains nothing


def test_questions_for_more_than_a_password_are_shown(play: Play) -> None:
    rounds = [[("Password: ", False)], [("One-time\x1b[2J code: ", False)]]
    played = play("keyboard-interactive", rounds=rounds, password="wrong")
    assert r'it asked: "Password:", "One-time\x1b[2J code:"' in played.error


def test_a_password_that_the_server_shows_is_masked_where_its_words_are_cut(play: Play) -> None:
    rounds = [[("x " * 97 + "incorrect horse", False)]]
    played = play("keyboard-interactive", rounds=rounds, password="incorrect horse")
    assert 'x incor…"; it takes' in played.error
    assert 'x ***…"; it takes' in Masks(["incorrect horse"]).excerpt(played.error)


def test_a_new_password_is_never_given(play: Play) -> None:
    rounds = [[("Current password: ", False)], [("New password: ", False), ("Again: ", False)]]
    played = play("keyboard-interactive", rounds=rounds)
    assert played.script.answers == [[PASSWORD]]
    assert played.kind == "auth"
    assert played.error == (
        "host port 22: the password of user 'bob' has expired; the server asks: \"New password:\""
    )


def test_an_expired_password_is_told_from_a_wrong_one(play: Play) -> None:
    played = play("password", expired="Choose a\nnew one", password="old")
    assert played.kind == "auth"
    assert 'has expired; the server asks: "Choose a new one"' in played.error


# --- OpenSSH

_PAM = ["auth", "account", "password"]


class Company:
    """An sshd with a user who has a password; keys stand where that user can read them."""

    def __init__(self, server: Sshd, user: str, password: str, shared: Path) -> None:
        self.server = server
        self.user = user
        self.password = password
        self.keys = shared / "keys"
        self.inbox = shared / "inbox"
        self.inbox.mkdir(mode=0o777)
        self.inbox.chmod(0o777)
        self.keys.write_text(server.key.with_suffix(".pub").read_text())

    @contextlib.contextmanager
    def serving(self, *lines: str) -> Iterator[None]:
        """Run the server with these lines of sshd_config."""
        self.server.start(f"AuthorizedKeysFile {self.keys}", *lines)
        try:
            yield
        finally:
            self.server.stop()

    def job(self, **changes: Any) -> dict[str, Any]:
        """Return the keys of a job with all means."""
        url = self.server.url(str(self.inbox))
        own = {"user": self.user, "password": self.password, "connect_timeout": 30.0}
        return {"url": url, "timeout": 60.0, **own, **changes}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    home, pam = tmp_path / "sshd", tmp_path / "pam"
    home.mkdir()
    lines = [f"{kind} required pam_unix.so" for kind in _PAM]
    pam.write_text("\n".join([*lines, "session required pam_permit.so", ""]))
    server = Sshd(home)
    mount = f'mount --bind {pam} /etc/pam.d/sshd && exec "$0" "$@"'
    with sshd.password_user() as (user, password), tempfile.TemporaryDirectory() as shared:
        if not Path("/etc/pam.d/sshd").exists():
            pytest.skip("this sshd has no PAM")
        server.prefix = [need("unshare"), "--mount", "sh", "-c", mount]
        Path(shared).chmod(0o755)
        yield Company(server, user, password, Path(shared))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "f"
    made.write_bytes(os.urandom(1000))
    return made


def refused(make_sender: MakeSender, file: Path, server: Sshd, **changes: Any) -> str:
    with pytest.raises(TransferError) as caught:
        make_sender(server, **changes).send(transfer(file))
    assert caught.value.kind == "auth", caught.value
    return caught.value.detail


@pytest.mark.parametrize(
    "methods",
    [
        "password,publickey",
        "publickey,password",
        "publickey,keyboard-interactive:pam",
        "password,keyboard-interactive",
        "keyboard-interactive",
    ],
)
def test_sshd_with_several_means(
    company: Company, make_sender: MakeSender, file: Path, methods: str
) -> None:
    pam = "UsePAM yes", "KbdInteractiveAuthentication yes"
    with company.serving(*pam, f"AuthenticationMethods {methods}"):
        make_sender(company.server, **company.job()).send(transfer(file))
        assert (company.inbox / "f").read_bytes() == file.read_bytes()
        detail = refused(make_sender, file, company.server, **company.job(password="wrong"))
    first, _, second = methods.partition(",")
    if first == "publickey":
        assert f"accepted publickey of user '{company.user}'" in detail
        assert f"wants {second.partition(':')[0]} too, but refuses the password" in detail
    else:
        assert f"refuses the password of user '{company.user}'; tried: {first}" in detail


def test_sshd_with_an_expired_password(
    company: Company, make_sender: MakeSender, file: Path
) -> None:
    subprocess.run([need("chage"), "-d", "0", company.user], check=True, timeout=30)
    job = company.job(key=None)
    with company.serving("UsePAM yes", "PasswordAuthentication no"):
        detail = refused(make_sender, file, company.server, **job)
        assert f"the password of user '{company.user}' has expired" in detail
        assert 'the server asks: "New password:"' in detail
    with company.serving("UsePAM yes"):
        detail = refused(make_sender, file, company.server, **job)
    assert "change your password" in detail
    assert not list(company.inbox.iterdir())


def test_sshd_with_an_expired_account(
    company: Company, make_sender: MakeSender, file: Path
) -> None:
    subprocess.run([need("chage"), "-E", "2020-01-01", company.user], check=True, timeout=30)
    with company.serving("UsePAM yes"):
        detail = refused(make_sender, file, company.server, **company.job())
    assert 'it says: "Your account has expired' in detail


# --- certificates and agents


class _Keys:
    """An sshd that trusts a CA, and keys in its directory."""

    def __init__(self, server: Sshd) -> None:
        self.server = server
        self.home = server.home
        generate(self.home / "ca")

    def restart(self, *lines: str) -> None:
        self.server.stop()
        self.server.start(f"TrustedUserCAKeys {self.home}/ca.pub", "MaxAuthTries 6", *lines)

    def certify(self, key: str, period: str = "always:forever") -> Path:
        return certify(self.home, key, "-V", period, "-n", self.server.user)

    def authorize(self, *names: str) -> None:
        lines = [(self.home / f"{name}.pub").read_text() for name in names]
        (self.home / "authorized_keys").write_text("".join(lines))


_NO_LONGER = "20200101000000Z:20200102000000Z"


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[_Keys]:
    home = tmp_path / "sshd"
    home.mkdir()
    with sshd.running(home) as server:
        made = _Keys(server)
        made.restart()
        yield made


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_certificate_logs_in_where_its_key_does_not(
    keys: _Keys, make_sender: MakeSender, file: Path, kind: str
) -> None:
    generate(keys.home / "mine", kind)
    keys.authorize()
    job = {"key": str(keys.home / "mine")}
    assert "refuses the key of user" in refused(make_sender, file, keys.server, **job)
    certificate = keys.certify("mine").rename(keys.home / "certificate")
    make_sender(keys.server, **job, certificate=str(certificate)).send(transfer(file))
    assert (keys.server.root / "f").read_bytes() == file.read_bytes()
    assert "ID night run" in keys.server.log.read_text()


@pytest.mark.parametrize("held", [False, True])
def test_the_key_alone_logs_in_when_its_certificate_has_expired(
    keys: _Keys,
    make_sender: MakeSender,
    file: Path,
    held: bool,
    agent: subprocess.Popen[bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    generate(keys.home / "mine")
    keys.authorize("mine")
    certificate = keys.certify("mine", _NO_LONGER).rename(keys.home / "certificate")
    if held:
        ssh_agent.add(keys.home / "mine")
    means = {"key": None, "agent": "true"} if held else {"key": str(keys.home / "mine")}
    sender = make_sender(keys.server, **means, certificate=str(certificate), reuse=False)
    for seq in range(2):
        sender.send(transfer(file, seq))
    warned = [record for record in caplog.records if record.levelname == "WARNING"]
    assert len(warned) == 1
    assert "not its certificate" in warned[0].getMessage()


def test_a_refused_certificate_and_key_are_both_named(
    keys: _Keys, make_sender: MakeSender, file: Path
) -> None:
    generate(keys.home / "mine")
    keys.authorize()
    keys.certify("mine", _NO_LONGER)
    detail = refused(make_sender, file, keys.server, key=str(keys.home / "mine"))
    assert "refuses the certificate and the key of user" in detail
    assert 'certificate "night run", valid until 2020-01-02T00:00:00Z of key ssh-ed25519' in detail


def test_a_new_certificate_is_used_by_the_next_connection(
    keys: _Keys, make_sender: MakeSender, file: Path
) -> None:
    generate(keys.home / "mine")
    keys.authorize()
    keys.certify("mine", _NO_LONGER)
    sender = make_sender(keys.server, key=str(keys.home / "mine"), reuse=False)
    with pytest.raises(TransferError):
        sender.send(transfer(file))
    keys.certify("mine")
    sender.send(transfer(file))
    assert (keys.server.root / "f").exists()


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    path = tmp_path / "agent"
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    with ssh_agent.running(path) as process:
        yield process


def test_an_agents_certificate_logs_in(
    keys: _Keys,
    make_sender: MakeSender,
    file: Path,
    agent: subprocess.Popen[bytes],
) -> None:
    for kind in ("ed25519", "rsa"):
        generate(keys.home / kind, kind, "", "-C", kind)
        keys.certify(kind)
        keys.authorize()
        ssh_agent.add(keys.home / kind)  # and its certificate
        make_sender(keys.server, key=None, agent=kind).send(transfer(file, name=kind))
        assert (keys.server.root / kind).exists()


@pytest.mark.parametrize("form", ["comment", "sha256", "md5"])
def test_one_key_of_many_in_the_agent_is_named(
    keys: _Keys, make_sender: MakeSender, file: Path, agent: subprocess.Popen[bytes], form: str
) -> None:
    names = [f"key{number}" for number in range(8)]
    for name in names:
        generate(keys.home / name, "ed25519", "", "-C", f"{name}@example.com")
        ssh_agent.add(keys.home / name)
    keys.authorize("key7")
    detail = refused(make_sender, file, keys.server, key=None, agent="true")
    assert "Too many authentication failures" in detail
    assert "name the one key of the agent" in detail
    assert detail.count("SHA256:") >= 6
    hash_name = "md5" if form == "md5" else "sha256"
    command = [need("ssh-keygen"), "-l", "-E", hash_name, "-f", str(keys.home / "key7.pub")]
    shown = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=30).stdout.decode()
    wanted = "key7@example.com" if form == "comment" else shown.split()[1]
    make_sender(keys.server, key=None, agent=wanted).send(transfer(file))
    assert (keys.server.root / "f").read_bytes() == file.read_bytes()


def test_the_jobs_own_key_goes_first(
    keys: _Keys,
    make_sender: MakeSender,
    file: Path,
    agent: subprocess.Popen[bytes],
) -> None:
    for number in range(8):
        generate(keys.home / f"key{number}")
        ssh_agent.add(keys.home / f"key{number}")
    make_sender(keys.server, agent="true").send(transfer(file))
    assert "Failed publickey" not in keys.server.log.read_text()


def test_two_keys_are_given_where_two_are_wanted(
    keys: _Keys,
    make_sender: MakeSender,
    file: Path,
    agent: subprocess.Popen[bytes],
) -> None:
    generate(keys.home / "other")
    keys.authorize("id_ed25519", "other")
    keys.restart("AuthenticationMethods publickey,publickey")
    detail = refused(make_sender, file, keys.server)
    assert "and wants publickey too, for which the job has nothing" in detail
    ssh_agent.add(keys.server.key, keys.home / "other")
    make_sender(keys.server, agent="true").send(transfer(file))
    assert "Failed publickey" not in keys.server.log.read_text()


def test_an_agent_that_lacks_the_key_stops_the_start(
    keys: _Keys,
    make_sender: MakeSender,
    agent: subprocess.Popen[bytes],
) -> None:
    generate(keys.home / "mine", "ed25519", "", "-C", "mine@example.com")
    ssh_agent.add(keys.home / "mine")
    with pytest.raises(StartError) as caught:
        make_sender(keys.server, key=None, agent="yours@example.com")
    assert "agent: it holds no key 'yours@example.com', but SHA256:" in str(caught.value)
    assert str(caught.value).endswith(" mine@example.com (ssh-ed25519)")


def test_an_agent_that_ends_in_a_run(
    keys: _Keys,
    make_sender: MakeSender,
    file: Path,
    agent: subprocess.Popen[bytes],
) -> None:
    ssh_agent.add(keys.server.key)
    sender = make_sender(keys.server, key=None, agent="true", reuse=False)
    sender.send(transfer(file))
    agent.send_signal(signal.SIGKILL)
    agent.wait(10)
    with pytest.raises(TransferError) as caught:
        sender.send(transfer(file, 1))
    assert caught.value.kind == "auth"
    assert "(SSH_AUTH_SOCK) cannot be reached" in caught.value.detail


def test_a_key_logs_in_though_the_agent_has_ended(
    keys: _Keys,
    make_sender: MakeSender,
    file: Path,
    agent: subprocess.Popen[bytes],
) -> None:
    ssh_agent.add(keys.server.key)
    sender = make_sender(keys.server, agent="true", reuse=False)
    agent.send_signal(signal.SIGKILL)
    agent.wait(10)
    sender.send(transfer(file))
    keys.authorize()
    with pytest.raises(TransferError) as caught:
        sender.send(transfer(file, 1))
    assert "refuses the key of user" in caught.value.detail
    assert "(SSH_AUTH_SOCK) cannot be reached" in caught.value.detail


@pytest.mark.usefixtures("agent")
def test_a_key_logs_in_though_the_agent_holds_none(
    keys: _Keys, make_sender: MakeSender, file: Path
) -> None:
    make_sender(keys.server, agent="true").send(transfer(file))
    assert (keys.server.root / file.name).read_bytes() == file.read_bytes()
    with pytest.raises(StartError, match="it holds no key"):
        make_sender(keys.server, key=None, agent="true")
    with pytest.raises(StartError, match="it holds no key"):
        make_sender(keys.server, agent="mine@example.com")


# --- a server that refuses a second request for the service


def test_asyncssh_takes_a_second_key_after_a_refused_one(
    tmp_path: Path,
    make_sender: MakeSender,
    file: Path,
    agent: subprocess.Popen[bytes],
) -> None:
    with asyncssh.running(tmp_path) as server:
        ssh_agent.add(server.key)
        generate(tmp_path / "other")
        other = {"key": str(tmp_path / "other")}
        make_sender(server, **other, agent="true").send(transfer(file))
        assert (server.root / "f").read_bytes() == file.read_bytes()
        with pytest.raises(TransferError) as caught:
            make_sender(server, **other).send(transfer(file))
    assert caught.value.kind == "auth"
