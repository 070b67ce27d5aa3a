"""SFTP: one Sender for a job, which shares a few SSH connections among its transfers."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Optional

import voluptuous as vol

from ...clock import SECOND, Clock
from ...config import values
from ...errors import TransferError
from ...transfer import Sent, Transfer
from ..base import Options, Sender
from ..content import Files
from ..deadlines import Deadlines, TimeUpError
from ..dial import Dialer
from ..stopwatch import Stopwatch
from . import light, packets, private_keys
from .connection import Connection
from .host_keys import IGNORE, POLICIES, STRICT, HostKeys
from .login import Account, need_agent
from .pool import Line, Pool
from .session import Session
from .target import Naming, place
from .upload import Manner, Upload

_DIFFERING = frozenset({"uuid", "seq", "timestamp", "epoch", "epoch_ms"})
"""Placeholders whose value is another one when the same file is sent again."""

_TOO_MANY = 32
"""Uploads that the server left unanswered on one connection before others go on a new one."""


def _octal(value: Any) -> int:
    """Permissions as chmod takes them."""
    digits = values.text(value)
    if not re.fullmatch(r"(0o?)?[0-7]{3,4}", digits):
        raise vol.Invalid(f"{digits!r} is not a mode; write it in octal: 0640")
    return int(digits, 8)


class SftpSender(Sender):
    """Uploads by SFTP version 3 over SSH, many files at once on one connection."""

    keys: ClassVar[Mapping[Any, Any]] = {
        vol.Optional("user", description="login name; default: the URL's, else your own"): (
            values.filled
        ),
        vol.Optional("password", description="also for keyboard-interactive logins"): values.text,
        vol.Optional("password_file", description="file whose first line is the password"): (
            values.secret_file
        ),
        vol.Optional("key", description="private key: ed25519, ecdsa or rsa"): values.input_path,
        vol.Optional("passphrase", description="of an encrypted key"): values.text,
        vol.Optional("agent", default="false", description="use the keys of ssh-agent"): (
            values.boolean
        ),
        vol.Optional(
            "known_hosts", default="~/.ssh/known_hosts", description="host keys that are trusted"
        ): values.input_path,
        vol.Optional(
            "host_key",
            default=STRICT,
            description="strict; accept-new: learn unknown ones; ignore: check nothing",
        ): values.one_of(*POLICIES),
        vol.Optional(
            "remote_name", default="{filename}", description="name at the server; placeholders"
        ): values.template,
        vol.Optional(
            "atomic",
            default="false",
            description="write {name}.{uuid}.part, then rename; false: under the final name",
        ): values.boolean,
        vol.Optional("mkdir", default="false", description="create missing directories"): (
            values.boolean
        ),
        vol.Optional("mode", description="permissions at the server, octal: 0640"): _octal,
        vol.Optional(
            "check_size",
            default="false",
            description="compare the size after the put; a file already moved on is right",
        ): values.boolean,
    }

    max_in_flight: ClassVar[int] = 64
    default_connections: ClassVar[Optional[int]] = 1

    @classmethod
    def overwrites(cls, options: Options) -> bool:
        """True if nothing in the remote name differs from one transfer to the next."""
        return not _DIFFERING & (options["url"].names | options["remote_name"].names)

    @classmethod
    def check(cls, options: Options) -> Iterable[tuple[str, str]]:
        """Yield (key, reason) for keys that are each right but do not go together."""
        try:
            found = place(options["url"])
        except ValueError as error:
            yield "url", str(error)
            return
        passwords = [name for name in ("password", "password_file") if name in options]
        if len(passwords) > 1:
            yield "password_file", "password is given too; one of them is enough"
        if not (passwords or found.password or options.get("key") or options.get("agent")):
            yield "url", "nothing to log in with; give key, password, password_file or agent: true"
        if options.get("passphrase") and not options.get("key"):
            yield "passphrase", "it belongs to a key, and key is not given"

    @classmethod
    def cautions(cls, options: Options) -> Iterable[str]:
        """Yield what is told once, as a warning: that host keys are not checked."""
        if options["host_key"] == IGNORE:
            yield "host keys are not checked: anyone may pose as the server (host_key: strict)"

    def __init__(self, options: Options, clock: Clock) -> None:
        light.make_messages_light()
        self._clock = clock
        self._timeout: float = options["timeout"]
        self._deadlines = Deadlines(self._timeout, clock)
        self._files = Files()
        self._naming = Naming(options["url"], options["remote_name"])
        self._manner = Manner(
            atomic=options["atomic"],
            mkdir=options["mkdir"],
            mode=options.get("mode"),
            check_size=options["check_size"],
        )
        self._silence = min(options["timeout"] / 2, options["connect_timeout"])
        self._dialer = Dialer(options["connect_timeout"], clock)
        self._account = _account(options)
        self._host_keys = HostKeys(options["known_hosts"], options["host_key"])
        self._connect_timeout: float = options["connect_timeout"]
        # A schedule goes on whatever happens: its transfers may not all try to log in. At the rate
        # max, senders wait of themselves; without reuse, each transfer is to log in.
        patient = options["reuse"] and options.get("rate") is not None
        size = options["connections"] if options["reuse"] else None
        self._pool = Pool(self._connect, size, clock, patient)

    def send(self, transfer: Transfer) -> Sent:
        """Upload one file; raises TransferError."""
        watch = Stopwatch(self._clock.now, "blocked")
        try:
            target = self._naming.path(transfer)
            with self._deadlines, self._files.open(transfer) as content:
                # A kept connection that is found dead before anything was sent is replaced once.
                for _ in range(2):
                    upload = Upload(target, transfer.uuid, content, self._manner, watch)
                    self._put(upload, watch)
                    if upload.started or not upload.fault:
                        break
                if upload.fault:
                    raise _again(upload.fault, upload.sent)
        except TransferError as error:
            raise _again(error, error.sent, watch.phases()) from error.__cause__
        except TimeUpError:
            raise _again(self._too_late(watch.phase), 0, watch.phases()) from None
        return Sent(packets.OK, content.size, watch.phases())

    def close(self) -> None:
        """End all connections; transfers under way fail."""
        self._pool.close(TransferError("reset", "the run has ended"))
        self._dialer.close()

    def _connect(self) -> Connection:
        return Connection(
            self._account, self._host_keys, self._dialer, self._connect_timeout, self._clock
        )

    def _put(self, upload: Upload, watch: Stopwatch) -> None:
        """Run the upload on one of the lines; what becomes of it, it says itself."""
        with self._pool.line() as line:
            session = line.connection.session or self._wait_for(line, watch)
            try:
                session.put(upload)
            except TimeUpError:
                # A server that says nothing at all is taken for lost; a slow one is not.
                silence = (self._clock.now() - session.heard_at) / SECOND
                if silence >= self._silence or session.forsaken >= _TOO_MANY:
                    line.retired = True
                raise _again(self._too_late(watch.phase), upload.sent) from None

    def _wait_for(self, line: Line, watch: Stopwatch) -> Session:
        """Return the line's session; its phases of opening count from when this transfer waits."""
        began = self._clock.now()
        try:
            session = line.wait()
        except TimeUpError:
            raise self._too_late(line.connection.moments[-1][0]) from None
        finally:
            for phase, moment in _since(began, line.connection.moments):
                watch.enter(phase, max(moment, began))
        watch.enter("blocked")
        return session

    def _too_late(self, phase: Optional[str]) -> TransferError:
        place = self._account.place
        return TransferError(
            "timeout", f"{place}: not done within {self._timeout:g}s, still {phase}"
        )


def _account(options: Options) -> Account:
    found = place(options["url"])
    key, passphrase = options.get("key"), options.get("passphrase")
    if options["agent"]:
        need_agent()
    passwords = (options.get("password"), options.get("password_file"), found.password)
    return Account(
        host=found.host,
        port=found.port,
        user=options.get("user") or found.user or getpass.getuser(),
        key=private_keys.load(key, passphrase) if key else None,
        agent=options["agent"],
        password=next((word for word in passwords if word is not None), None),
    )


def _since(began: int, moments: Sequence[tuple[str, int]]) -> Sequence[tuple[str, int]]:
    """Return the phases that were not over when the transfer began to wait."""
    over = sum(moment <= began for _, moment in moments)
    return moments[max(0, over - 1) :]


def _again(
    error: TransferError, sent: int, phases: Optional[Mapping[str, float]] = None
) -> TransferError:
    """The same error for one transfer: it may be shared by all those of a broken connection."""
    return TransferError(error.kind, error.detail, code=error.code, sent=sent, phases=phases)
