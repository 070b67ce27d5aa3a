"""Logs in with one request for the service a connection; paramiko (2.12 to 5.1) does so each time.

Servers may refuse a second request, and some do. Besides, it takes a demand for a new password for
an illegal query, forgets what the server still wants, and confuses the steps of a login.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Optional, Protocol, Union

import paramiko
from paramiko import common
from paramiko.auth_handler import AuthHandler
from paramiko.message import Message
from paramiko.ssh_exception import AuthenticationException, SSHException

from ...text import escape
from .client_transport import CERTIFICATE

_SERVICE = "ssh-connection"
_POLL = 0.1  # seconds: closing a transport ends no wait
_LONGEST_TEXT = 200
"""Characters of what the server says that are kept."""


class Verdict(NamedTuple):
    """The server's answer to an attempt: success, or what it takes next."""

    success: bool
    partial: bool = False  # accepted, but more is wanted
    methods: Sequence[str] = ()  # that can continue


class Query(NamedTuple):
    """Questions of a keyboard-interactive login; there may be none."""

    prompts: Sequence[tuple[str, bool]]  # text, and whether the answer may be shown


class NewPassword(NamedTuple):
    """The server's demand for a new password: the old one has expired."""

    prompt: str


Answer = Union[Verdict, Query, NewPassword]


class SigningKey(Protocol):
    """A private key, or a key that signs elsewhere."""

    def get_name(self) -> str:
        """Return its type: ssh-ed25519 …"""

    def asbytes(self) -> bytes:
        """Return the public key."""

    def sign_ssh_data(
        self, data: bytes, algorithm: Optional[str] = None
    ) -> Union[bytes, paramiko.Message]:
        """Return the signature."""


class UserAuthentication(AuthHandler):
    """The login of one user on one transport, step by step: each call returns the answer.

    A connection that breaks meanwhile raises paramiko's own exception.
    """

    def __init__(self, transport: paramiko.Transport, user: str) -> None:
        super().__init__(transport)
        self._user = user
        self._wire: Any = self.transport  # a weak reference
        self.said = ""
        """The last text that the server sent for people, if it is not its notice to everybody."""
        self.notice = ""
        """The notice that it sends to everybody, whatever is tried."""
        self._requested = False
        self._answer: Optional[Answer] = None
        transport.auth_handler = self

    def none(self) -> Answer:
        """Request the methods that the server takes."""
        return self._attempt("none")

    def by_password(self, password: str) -> Answer:
        """Try a password."""
        return self._attempt("password", False, password)

    def by_key(self, key: SigningKey, certificate: Optional[tuple[str, bytes]] = None) -> Answer:
        """Try a key, or its certificate, which is its type and all of it.

        SSHException if no algorithm fits, or if the key cannot sign.
        """
        kind, blob = certificate or (key.get_name(), key.asbytes())
        algorithm: str = self._finalize_pubkey_algorithm(kind)  # type: ignore[attr-defined]
        request = self._request("publickey", True, algorithm, blob)
        signed = Message()
        signed.add_string(self._wire.session_id)
        data = signed.asbytes() + request.asbytes()
        request.add_string(key.sign_ssh_data(data, algorithm.replace(CERTIFICATE, "")))
        return self._ask("publickey", request)

    def by_questions(self) -> Answer:
        """Begin a keyboard-interactive login."""
        return self._attempt("keyboard-interactive", "", "")

    def reply(self, answers: Sequence[str]) -> Answer:
        """Answer the questions of a keyboard-interactive login, one by one."""
        message = Message()
        message.add_byte(common.cMSG_USERAUTH_INFO_RESPONSE)
        message.add_int(len(answers))
        for answer in answers:
            message.add_string(answer)
        return self._ask(self.auth_method, message)

    # --- what is sent

    def _attempt(self, method: str, *fields: Union[bool, str, bytes]) -> Answer:
        return self._ask(method, self._request(method, *fields))

    def _request(self, method: str, *fields: Union[bool, str, bytes]) -> Message:
        message = Message()
        message.add_byte(common.cMSG_USERAUTH_REQUEST)
        for field in (self._user, _SERVICE, method, *fields):
            if isinstance(field, bool):
                message.add_boolean(field)
            else:
                message.add_string(field)
        return message

    def _ask(self, method: str, message: Message) -> Answer:
        """Send a request and wait for the answer; before the first, ask for the service."""
        self.auth_method = method
        if not self._requested:
            self._requested = True
            service = Message()
            service.add_byte(common.cMSG_SERVICE_REQUEST)
            service.add_string("ssh-userauth")
            self._exchange(service)
        answer = self._exchange(message)
        if answer is None:
            raise SSHException("the server accepts a service that was not asked for")
        return answer

    def _exchange(self, message: Message) -> Optional[Answer]:
        self._answer = None
        answered = self.auth_event = threading.Event()
        with self.transport.lock:
            self._wire._send_message(message)
        while not answered.wait(_POLL) and self.transport.is_active():
            pass
        if not self.transport.is_active():
            raise self.transport.get_exception() or AuthenticationException("EOF")
        return self._answer

    # --- what is received, by the transport's own thread

    @property
    def _handler_table(self) -> Mapping[int, Callable[..., None]]:
        return {
            common.MSG_SERVICE_ACCEPT: self._on_service,
            common.MSG_USERAUTH_SUCCESS: self._on_success,
            common.MSG_USERAUTH_FAILURE: self._on_failure,
            common.MSG_USERAUTH_BANNER: self._on_banner,
            common.MSG_USERAUTH_INFO_REQUEST: self._on_question,
        }

    # The message is the last argument: 2.12 passes this object as well.

    def _on_service(self, *_: Any) -> None:
        self._wake(None)

    def _on_success(self, *_: Any) -> None:
        self.authenticated = True
        self._wire._auth_trigger()
        self._wake(Verdict(True))

    def _on_failure(self, *arguments: Any) -> None:
        message = arguments[-1]
        methods = message.get_binary().decode("ascii", "replace").split(",")
        partial = message.get_boolean()
        self._wake(Verdict(False, partial, [escape(name) for name in methods if name]))

    def _on_banner(self, *arguments: Any) -> None:
        text = _text(arguments[-1])
        if text != self.notice:
            self.said = text

    def _on_question(self, *arguments: Any) -> None:
        """Handle message 60, whose meaning depends on the method that was tried."""
        message = arguments[-1]
        if self.auth_method == "password":
            self._wake(NewPassword(_text(message)))
        elif self.auth_method == "keyboard-interactive":
            _title, instruction, _language = _text(message), _text(message), message.get_binary()
            prompts = [(_text(message), message.get_boolean()) for _ in range(message.get_int())]
            self.said = instruction or self.said
            self._wake(Query(prompts))
        else:
            raise SSHException("the server asks a question where there is none to ask")

    def _wake(self, answer: Optional[Answer]) -> None:
        event, self.auth_event = self.auth_event, None
        if event is not None:  # else nobody asked
            self._answer = answer
            event.set()


def _text(message: Message) -> str:
    """Return the next text of a message as one line for people; `…` ends one that is cut off."""
    data = message.get_binary()
    text = escape(" ".join(data[: 4 * _LONGEST_TEXT].decode("utf-8", "replace").split()))
    if len(data) <= 4 * _LONGEST_TEXT and len(text) <= _LONGEST_TEXT:
        return text
    return f"{text[: _LONGEST_TEXT - 1]}…"
