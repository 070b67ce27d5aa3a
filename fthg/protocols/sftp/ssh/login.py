"""Logs in at an SSH server as ssh does: one means after another, as long as it asks for more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Optional, Union

import paramiko
from paramiko.ssh_exception import AuthenticationException, SSHException

from ....errors import TransferError
from ....log import Log
from ....text import cut
from ....transfer import cut_detail
from ...paramiko_fixes.user_authentication import Answer, NewPassword, UserAuthentication, Verdict
from ...secret_text import SecretText
from . import handshake
from .agent import Agent, AgentError
from .means import Means, Password, by_keys
from .private_keys import CertificateFile, PrivateKey

_log = Log("fthg.sftp")

_LONGEST_LIST = 200
"""Characters of the methods that a server takes: their names are its own."""

_EXPIRED = re.compile(r"\bpassword\b|\bexpire", re.IGNORECASE)


class Account(NamedTuple):
    """A user at a server, with the credentials in the order in which they are tried."""

    host: str
    port: int
    user: str
    key: Optional[PrivateKey] = None
    agent: Union[bool, str] = False  # or the fingerprint or comment of the one key to use
    password: Optional[SecretText] = None
    certificate: Optional[CertificateFile] = None  # of one of the agent's keys

    @property
    def server(self) -> str:
        """Host and port as people read them."""
        return f"{self.host} port {self.port}"


class _Welcome(NamedTuple):
    """A server's first answer to a user: the methods that it takes, and its banner."""

    verdict: Verdict
    notice: str  # to everybody


_welcomes: dict[Account, _Welcome] = {}
"""Welcomes of the last successful logins: reused, they save an exchange, 10 ms at sshd."""


class LostLoginError(AuthenticationException):
    """The connection ended during a login, after some means had been tried."""

    def __init__(self, tried: str, said: str) -> None:
        """Take the server's last message for people, `said`; empty if it sent none."""
        super().__init__("EOF")
        self.words = f"tried: {tried}" + (f'; it says: "{said}"' if said else "")
        self.explained = bool(said)


def log_in(transport: paramiko.Transport, account: Account, agent: Optional[Agent]) -> str:
    """Authenticate and return the means that succeeded, joined if the server wanted several.

    TransferError (auth) lists what was tried. A connection that breaks meanwhile raises
    paramiko's own exception, or LostLoginError.
    """
    return _Login(transport, account, agent).run()


def explain_by_login(error: TransferError, transport: paramiko.Transport) -> TransferError:
    """Return a failure after a login, with the server's message at that login.

    OpenSSH lets a user in whose password has expired, and then starts nothing.
    """
    talk = transport.auth_handler
    said = talk.said if isinstance(talk, UserAuthentication) else ""
    if not said:
        return error
    kind = "auth" if _EXPIRED.search(said) else error.kind
    return TransferError(kind, cut_detail(f'{error.detail}; at the login it said: "{said}"'))


class _Login:
    """One login: the means left to try, those refused, and the methods the server takes next."""

    def __init__(
        self, transport: paramiko.Transport, account: Account, agent: Optional[Agent]
    ) -> None:
        self._transport = transport
        self._account = account
        self._agent = agent
        self._talk = UserAuthentication(transport, account.user)
        self._password = Password(self._talk, account.user, account.password)
        self._accepted: list[Means] = []
        self._refused: list[Means] = []  # since the server accepted the last one
        self._tried: list[str] = []
        self._unfit: Optional[SSHException] = None  # why a key could not even sign
        self._is_guess = False  # what the server takes is only remembered

    def run(self) -> str:
        """Try one means after another; see log_in."""
        try:
            welcome = self._welcome()
            self._go_on(welcome.verdict)
        except BaseException:
            _welcomes.pop(self._account, None)
            raise
        if self._accepted:
            _welcomes[self._account] = welcome
        return ", then ".join(means.name for means in self._accepted) or "none"

    def _welcome(self) -> _Welcome:
        """Return the server's first answer, remembered or requested."""
        known = _welcomes.get(self._account)
        if known:
            self._is_guess, self._talk.notice = True, known.notice
            return known
        verdict = self._verdict(self._talk.none())
        notice, self._talk.said = self._talk.said, ""
        if notice:
            _log.debug("banner of the server", server=self._account.server, text=notice)
        return _Welcome(verdict, notice)

    def _go_on(self, verdict: Verdict) -> None:
        """Try what the server takes until it is satisfied; raises TransferError."""
        left = list(self._means())
        while not verdict.success:
            means = next((one for one in left if one.method in verdict.methods), None)
            if means is None:
                if self._unfit and not (self._accepted or self._refused):
                    raise self._unfit  # there is nothing that the server could have refused
                raise TransferError("auth", cut_detail(self._refusal(verdict)))
            answer = self._try(means)
            is_guess, self._is_guess = self._is_guess, False
            if answer is None:
                left.remove(means)
            elif answer.success or answer.partial:
                verdict = answer
                self._warn_of_certificates(means)
                self._accepted.append(means)
                self._refused = []
                left = [
                    one for one in left if one != means and not (one.key and one.key == means.key)
                ]
            else:
                verdict = answer
                if means.method in answer.methods or not is_guess:  # else it may be taken later
                    left.remove(means)
                    self._refused.append(means)

    def _means(self) -> Iterator[Means]:
        account = self._account
        held = self._agent.get_keys(account.agent) if self._agent else ()
        yield from by_keys(self._talk, account.key, held, account.certificate)
        yield from self._password.means()

    # --- one attempt

    def _try(self, means: Means) -> Optional[Verdict]:
        """Return the server's verdict; None if the means could not even be tried."""
        self._tried.append(means.name)
        try:
            return self._verdict(means.attempt())
        except AgentError as error:
            self._tried[-1] += f" (the agent: {error})"
            if not self._transport.is_active():
                raise LostLoginError(self._all_tried(), self._talk.said) from None
        except (SSHException, EOFError) as error:
            if not self._transport.is_active():
                if isinstance(error, (AuthenticationException, EOFError)):
                    tried = self._all_tried()
                    if self._account.agent is True and len(self._tried) > 1:
                        tried += "; name the one key of the agent that may log in (agent)"
                    raise LostLoginError(tried, self._talk.said) from None
                raise
            self._tried[-1] += f" ({handshake.explain_signature(self._transport, str(error))})"
            self._unfit = error if isinstance(error, SSHException) else None
        return None

    def _verdict(self, answer: Answer) -> Verdict:
        """Return the server's verdict; any other request of the server counts as a refusal."""
        if isinstance(answer, Verdict):
            return answer
        account = self._account
        reason = f"{account.server}: the password of user {account.user!r} has expired"
        asks = answer.prompt if isinstance(answer, NewPassword) else ""
        raise TransferError("auth", cut_detail(f'{reason}; the server asks: "{asks}"'))

    def _warn_of_certificates(self, accepted: Means) -> None:
        """Log, once a certificate, that the server took the plain key instead of it."""
        for means in self._refused:
            file = means.certificate
            if file and not file.warned and means.key == accepted.key:
                file.warned = True
                _log.warning(
                    "the server accepts the key, but not its certificate",
                    server=self._account.server,
                    file=file.path,
                    certificate=file.last.text,
                )

    # --- the words of a refusal

    def _refusal(self, verdict: Verdict) -> str:
        user, methods = repr(self._account.user), _list(verdict.methods)
        nouns = " and the ".join(dict.fromkeys(means.noun for means in self._refused))
        if self._accepted:
            accepted = ", then ".join(means.method for means in self._accepted)
            words = f" accepted {accepted} of user {user}, and wants {methods} too"
            words += f", but refuses the {nouns}" if nouns else ", for which the job has nothing"
        elif not verdict.methods:
            words = f" takes no login of user {user}"
        elif nouns:
            words = f" refuses the {nouns} of user {user}"
        elif self._tried:
            words = f": no login of user {user}"
        else:
            words = f" takes only {methods} from user {user}, for which the job has nothing"
        parts = [f"{self._account.server}{words}", f"tried: {self._all_tried()}"]
        asked = ", ".join(f'"{question}"' for question in self._password.questions)
        if asked not in ("", '"Password:"'):
            parts.append(f"it asked: {asked}")
        if nouns and methods and not self._accepted:
            parts.append(f"it takes {methods}")
        if self._talk.said:
            parts.append(f'it says: "{self._talk.said}"')
        return "; ".join(parts)

    def _all_tried(self) -> str:
        if self._tried:
            return ", ".join(self._tried)
        if self._agent and not self._agent.get_keys(self._account.agent):
            return "nothing, as the agent holds no such key"
        return "nothing"


def _list(methods: Sequence[str]) -> str:
    return cut(", ".join(methods), _LONGEST_LIST)
