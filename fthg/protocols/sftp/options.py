"""The configuration keys of SFTP jobs, and the options that they make."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional, Union

import voluptuous as vol

from ...config import values
from ...config.schema import key
from ...placeholders import FROM_CONTENT, FROM_FILE, UNIQUE, Template
from ...urls import Url
from ..options import Options
from ..proxy import parse_proxy, proxy
from .ssh import private_keys
from .ssh.algorithms import LIBRARYS, Algorithms, algorithms
from .ssh.host_keys import IGNORE, POLICIES, STRICT
from .ssh.jump import Jump, jump

_KNOWN_HOSTS = "~/.ssh/known_hosts"
_REMOTE_NAME = Template("{filename}")
_TEMPORARY_NAME = Template("{filename}.{uuid}.part")

_OF_ONE_FILE = (FROM_FILE | FROM_CONTENT) - {"suffix", "size"}

_WITH_SLASH = frozenset({"sha256_base64", "md5_base64"})


def _octal(value: Any) -> int:
    """Read permissions as chmod takes them."""
    digits = values.text(value)
    if not re.fullmatch(r"(0o?)?[0-7]{3,4}", digits):
        raise vol.Invalid(f"{digits!r} is not a mode; write it in octal: 0640")
    return int(digits, 8)


def _agent(value: Any) -> Union[bool, str]:
    """Read true or false, or the fingerprint or comment of one key."""
    try:
        return values.boolean(value)
    except vol.Invalid:
        return values.filled(value).strip()


KEYS: Mapping[Any, Any] = {
    key("user", "login name; default: the URL's, else your own"): values.filled,
    key("password", "also for keyboard-interactive logins", secret=True): values.text,
    key("password_file", "file whose first line is the password"): values.secret_file,
    key("key", "private key: ed25519, ecdsa or rsa"): values.input_path,
    key("certificate", "of the key; default: KEY-cert.pub, if there is one"): values.input_path,
    key("passphrase", "of an encrypted key", secret=True): values.text,
    key(
        "agent", "use the keys of ssh-agent, or the one with this fingerprint or comment", "false"
    ): _agent,
    key(
        "known_hosts", "host keys and @cert-authority that are trusted", _KNOWN_HOSTS
    ): values.input_path,
    key(
        "host_key", "strict; accept-new: learn unknown ones; ignore: check nothing", STRICT
    ): values.one_of(*POLICIES),
    key(
        "algorithms",
        "{kex, ciphers, macs, host_keys, signatures}: lists, in the order of preference; "
        "default: those of the library",
    ): algorithms,
    key("proxy", "proxy to connect through: http://, socks5:// or socks5h://"): proxy,
    key("jump", "host to connect through: user@host:port, or a mapping"): jump,
    key("remote_name", "name at the server; placeholders", _REMOTE_NAME.text): values.template,
    key(
        "atomic", "write temporary_name, then rename; false: under the final name", "false"
    ): values.boolean,
    key(
        "temporary_name",
        f"with atomic: the name while it is written; default: {_TEMPORARY_NAME.text}",
    ): values.template,
    key("marker", "an empty file that is written after success, as in {filename}.done"): (
        values.template
    ),
    key("mkdir", "create missing directories", "false"): values.boolean,
    key("mode", "permissions at the server, octal: 0640"): _octal,
    key(
        "check_size",
        "compare the size after the put; one that cannot be checked is a failure",
        "false",
    ): values.boolean,
}
"""Key → reader: the keys of an SFTP job beside those that every job has."""


@dataclass(frozen=True)
class SftpOptions(Options):
    """The options of an SFTP job."""

    user: Optional[str] = None
    password: Optional[str] = field(default=None, repr=False)
    password_file: Optional[str] = field(default=None, repr=False)  # its first line
    key: Optional[str] = None
    certificate: Optional[str] = None  # None: KEY-cert.pub, if there is one
    passphrase: Optional[str] = field(default=None, repr=False)
    agent: Union[bool, str] = False  # or the fingerprint or comment of the one key to use
    known_hosts: str = field(default_factory=lambda: os.path.expanduser(_KNOWN_HOSTS))
    host_key: str = STRICT  # of POLICIES
    algorithms: Algorithms = LIBRARYS
    proxy: Optional[str] = field(default=None, repr=False)
    jump: Optional[Jump] = field(default=None, repr=False)
    remote_name: Template = _REMOTE_NAME
    atomic: bool = False
    temporary_name: Optional[Template] = None
    marker: Optional[Template] = None
    mkdir: bool = False
    mode: Optional[int] = None
    check_size: bool = False

    @property
    def server(self) -> Url:
        """The parts of the URL; raises ValueError, also for an SFTP URL without a path."""
        server = super().server
        if server.rest[:1] not in ("", "/"):
            raise ValueError(
                "a directory begins with /; special characters in a password are written as"
                " %23, %3F and the like"
            )
        return server

    @property
    def part_name(self) -> Optional[Template]:
        """The name of a file while it is written; None: it has its own at once."""
        return (self.temporary_name or _TEMPORARY_NAME) if self.atomic else None

    @property
    def way(self) -> str:
        """The proxy and the jump host, in words."""
        steps = [f"via {parse_proxy(self.proxy).shown}"] if self.proxy else []
        if self.jump:
            steps.append(f"jump host {self.jump.host} port {self.jump.port}")
        return ", ".join(steps)

    def overwrites(self, names_differ: bool = False) -> bool:
        """Return True if nothing in the remote name differs from one transfer to the next."""
        differing = UNIQUE | (FROM_FILE - {"suffix"} if names_differ else set())
        return not differing & (self.url.names | self.remote_name.names)

    def warnings(self) -> Iterable[str]:
        """Yield one if host keys are not checked, or if two transfers may write into one file."""
        if self.host_key == IGNORE:
            yield "host keys are not checked: anyone may pose as the server (host_key: strict)"
        names = self.url.names | self.remote_name.names
        if self.part_name and not (_OF_ONE_FILE | UNIQUE) & (self.part_name.names | self.url.names):
            yield (
                "transfers of different files may write into one temporary_name at once; {uuid} or "
                "{filename} keeps them apart"
            )
        elif (
            names & UNIQUE
            and self.part_name
            and not UNIQUE & (self.part_name.names | self.url.names)
        ):
            yield (
                "two transfers of one file may write into one temporary_name at once; {uuid} or "
                "{seq} keeps them apart"
            )

    def expiries(self, now: int, until: Optional[int]) -> Iterable[str]:
        """Yield a warning for each certificate of a key that is not valid for all that time."""
        if self.key or self.certificate:
            yield from private_keys.expiries(self.key, self.certificate, now, until)
        if self.jump and self.jump.key:
            yield from private_keys.expiries(self.jump.key, None, now, until)

    def conflicts(self) -> Iterable[tuple[str, str]]:
        """Yield (key, reason) for keys that are each right but do not go together."""
        try:
            password_in_url = self.server.password
        except ValueError as error:
            yield "url", str(error)
            return
        given = [word for word in (self.password, self.password_file) if word is not None]
        if len(given) > 1:
            yield "password_file", "password is given too; one of them is enough"
        if not (given or password_in_url or self.key or self.agent):
            yield "url", "nothing to log in with; give key, password, password_file or agent: true"
        yield from self._conflicts_of_names()
        if self.certificate and not (self.key or self.agent):
            yield "certificate", "it belongs to a key; give key, or agent: true"
        yield from self._way_conflicts()
        if self.passphrase and not self.key:
            yield "passphrase", "it belongs to a key, and key is not given"

    def _conflicts_of_names(self) -> Iterable[tuple[str, str]]:
        names = {
            "url": self.url,
            "remote_name": self.remote_name,
            "temporary_name": self.temporary_name,
            "marker": self.marker,
        }
        for where, template in names.items():
            for name in sorted((template.names if template else set()) & _WITH_SLASH):
                hexadecimal = name.partition("_")[0]
                yield (
                    where,
                    f"{{{name}}} may hold a slash, which no name can: use {{{hexadecimal}}}",
                )
        if self.temporary_name and not self.atomic:
            yield "temporary_name", "it has no effect without atomic: true"
        last = self.remote_name.text.rpartition("/")[2]
        for where in ("remote_name", "temporary_name", "marker"):
            if (named := names[where]) and named.text[-1:] in ("", "/"):
                yield where, "it must end with the name of a file"
        for where in ("temporary_name", "marker"):
            if (template := names[where]) and posixpath.normpath(template.text) == last:
                yield where, "it is the name of the file itself; they must differ"
        if self.marker and self.part_name and self.marker.text == self.part_name.text:
            yield "marker", "it is the same as temporary_name; they must differ"

    def _way_conflicts(self) -> Iterable[tuple[str, str]]:
        if self.proxy and parse_proxy(self.proxy).server.scheme == "https":
            yield "proxy", "SFTP goes through http:// and socks5:// only, not through https://"
        if self.jump and self.jump.passphrase and not self.jump.key:
            yield "jump", "passphrase belongs to a key, and jump has none"
