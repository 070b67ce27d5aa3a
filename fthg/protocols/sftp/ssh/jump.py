"""A host through which servers are reached: ssh calls it ProxyJump."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

import voluptuous as vol

from .... import urls
from ....config import values
from ....config.schema import Nested, key, required
from .algorithms import LIBRARYS, Algorithms, algorithms


class Jump(NamedTuple):
    """A jump host; without a key of its own the job's means are tried."""

    user: Optional[str]  # None: the job's
    host: str
    port: int
    key: Optional[str] = None
    passphrase: Optional[str] = None
    password_file: Optional[str] = None  # the password itself, its first line
    known_hosts: Optional[str] = None  # None: the job's
    algorithms: Algorithms = LIBRARYS  # the job's are those of its server


_KEYS = {
    required("host", "user@host or user@host:port"): values.filled,
    key("key", "private key for this host"): values.input_path,
    key("passphrase", "of an encrypted key", secret=True): values.text,
    key("password_file", "file whose first line is the password"): values.secret_file,
    key("known_hosts", "host keys that are trusted; default: the job's"): values.input_path,
    key("algorithms", "as the job's, which are those of its server"): algorithms,
}


def _jump(value: Any) -> Jump:
    read = dict(vol.Schema(_KEYS)(value if isinstance(value, dict) else {"host": value}))
    text = read.pop("host").strip()
    if "," in text:
        raise vol.Invalid("one host only can be jumped over, no list; write user@host:port")
    try:
        server = urls.parse(f"sftp://{text}")
    except ValueError as error:
        raise vol.Invalid(f"{error}; write user@host:port") from None
    if server.rest or server.password is not None:
        raise vol.Invalid("not a host to jump over; write user@host:port")
    return Jump(server.user, server.host, server.port, **read)


jump = Nested(_jump, _KEYS)
"""Reads `user@host:port`, or a mapping of `host`, `key`, `passphrase`, …"""
