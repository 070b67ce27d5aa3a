"""The means to log in that a job has, in the order in which they are tried."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple, Optional

from ...paramiko_fixes.user_authentication import (
    Answer,
    NewPassword,
    Query,
    SigningKey,
    UserAuthentication,
)
from ...secret_text import SecretText
from .agent import AgentKey
from .known_hosts import fingerprint
from .private_keys import CertificateFile, PrivateKey
from .user_certificates import Certificate

_MOST_QUESTIONS = 5
"""The most different questions of a server that are remembered."""

_NEW_PASSWORD = re.compile(r"\bnew\b.*\bpass", re.IGNORECASE)


class Means(NamedTuple):
    """Something to log in with; the server lists `method` when it takes it."""

    method: str
    noun: str  # of what is refused
    name: str
    attempt: Callable[[], Answer]
    key: bytes = b""  # that it proves
    certificate: Optional[CertificateFile] = None


def by_keys(
    talk: UserAuthentication,
    own: Optional[PrivateKey],
    held: Iterable[AgentKey],
    file: Optional[CertificateFile],
) -> Iterator[Means]:
    """Yield the job's own key, then those that the agent holds, each once, certificates first.

    `file`: a certificate for one of the agent's keys.
    """
    seen = set()
    for means in (*_own(talk, own), *_held(talk, held, file)):
        if (means.noun, means.key) not in seen:
            seen.add((means.noun, means.key))
            yield means


def _own(talk: UserAuthentication, own: Optional[PrivateKey]) -> Iterator[Means]:
    if own:
        key = own.current()
        certificate = own.certificate_of(key)
        if certificate:
            yield _certified(talk, "key", key, certificate, own.certificate)
        yield _plain(talk, "key", key)


def _held(
    talk: UserAuthentication, held: Iterable[AgentKey], file: Optional[CertificateFile]
) -> Iterator[Means]:
    given = file.current() if file else None
    for key in held:
        if given and given.public_key == key.asbytes():
            yield _certified(talk, "agent's key", key, given, file)
        if key.certificate:
            yield _certified(talk, "agent's key", key, key.certificate)
        else:
            yield _plain(talk, "agent's key", key)


def _plain(talk: UserAuthentication, whose: str, key: SigningKey) -> Means:
    attempt = partial(talk.by_key, key)
    return Means("publickey", "key", _name(whose, key), attempt, key.asbytes())


def _certified(
    talk: UserAuthentication,
    whose: str,
    key: SigningKey,
    certificate: Certificate,
    file: Optional[CertificateFile] = None,
) -> Means:
    name = f"certificate {certificate.text} of {_name(whose, key)}"
    attempt = partial(talk.by_key, key, (certificate.type, certificate.blob))
    return Means("publickey", "certificate", name, attempt, key.asbytes(), file)


def _name(whose: str, key: SigningKey) -> str:
    return f"{whose} {key.get_name()} {fingerprint(key.asbytes())}"


class Password:
    """A password, as such and as the answer to what a server asks."""

    def __init__(self, talk: UserAuthentication, user: str, secret: Optional[SecretText]) -> None:
        self._talk = talk
        self._user = user
        self._secret = secret
        self.questions: dict[str, None] = {}
        """The server's questions, in order."""

    def means(self) -> Iterator[Means]:
        """Yield both ways, if there is a password."""
        if self._secret is not None:
            yield Means("password", "password", "password", partial(self._give, self._secret))
            answer = partial(self._answer, self._secret)
            yield Means("keyboard-interactive", "password", "keyboard-interactive", answer)

    def _give(self, secret: SecretText) -> Answer:
        return self._talk.by_password(secret.current())

    def _answer(self, secret: SecretText) -> Answer:
        """Give the password to each question, or the user's name where the answer is shown."""
        answer = self._talk.by_questions()
        while isinstance(answer, Query):
            replies = []
            for text, shown in answer.prompts:
                if _NEW_PASSWORD.search(text):
                    return NewPassword(text)
                if len(self.questions) < _MOST_QUESTIONS:
                    self.questions[text] = None
                is_name = shown and "pass" not in text.lower()
                replies.append(self._user if is_name else secret.current())
            answer = self._talk.reply(replies)
        return answer
