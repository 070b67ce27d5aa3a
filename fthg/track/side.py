"""The database of one side, read from a mapping, a mysql:// URL or a my.cnf file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Optional
from urllib.parse import parse_qsl, unquote

import voluptuous as vol

from .. import urls
from ..config import values
from ..config.schema import Nested, key
from ..config.tree import Section, merged
from ..zones import offset_or_zone
from .columns import STANDARD_COLUMNS, Column, columns_option
from .option_file import option_file, option_file_tls
from .tls import Tls, tls_option


@dataclass(frozen=True)
class Side:
    """One database: its address, the user, and the names in its table; times in seconds."""

    name: str  # ingress or egress
    host: str
    user: str
    database: str
    port: int = 3306
    socket: Optional[str] = None  # path of a Unix socket, used instead of host and port
    password: str = field(default="", repr=False)
    table: str = "transfers"
    timezone: str = "+00:00"  # of DATETIME columns
    tls: Tls = field(default_factory=Tls)
    columns: tuple[Column, ...] = STANDARD_COLUMNS  # in the order of columns.COLUMNS
    connect_timeout: float = 10.0
    read_timeout: float = 30.0

    def __str__(self) -> str:
        address = self.socket or f"{self.host}:{self.port}"
        return f"{self.name}: {address}, database {self.database}, table {self.table}"


def _timezone(value: Any) -> str:
    text = values.filled(value).strip()
    try:
        offset_or_zone(text)
    except ValueError:
        raise vol.Invalid(
            f"{text!r} is not a time zone; write it as +01:00 or Europe/Berlin"
        ) from None
    return text


SIDE_KEYS: Mapping[Any, Any] = MappingProxyType(
    {
        key("url", "mysql://user@host/database; other keys go before its parts"): values.filled,
        key("host", "name or address of the database server"): values.filled,
        key("port", "its port; 3306 unless an option file says otherwise"): (
            values.whole(1, 65_535)
        ),
        key("socket", "path of a Unix socket, instead of host and port"): values.output_path,
        key("user", "a user with the right to SELECT"): values.filled,
        key("password", "its password", secret=True): values.text,
        key("password_file", "a file with the password in its first line"): values.secret_file,
        key("option_file", "a my.cnf whose [client] fills what is not set here"): option_file,
        key("database", "the database"): values.filled,
        key("table", "the table", Side.table): values.filled,
        key("timezone", "time zone of DATETIME columns", Side.timezone): _timezone,
        key("tls", "a mode, or a mapping of mode, ca, cert and key; preferred if not set"): (
            tls_option
        ),
        key(
            "columns",
            "names that differ from the standard ones, and units",
        ): columns_option,
        key("connect_timeout", "for connecting and logging in", "10s"): values.some_duration,
        key("read_timeout", "for each answer of the server", "30s"): values.some_duration,
    }
)
"""The keys of one side, each with its reader, default and description."""

_SIDE = vol.Schema(dict(SIDE_KEYS))


def _section(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        value = _parse_url(values.filled(value))
    elif "url" in value:
        rest = {name: value[name] for name in value if name != "url"}
        value = merged(Section(_parse_url(values.filled(value["url"]))), Section(rest))
    section: Mapping[str, Any] = _SIDE(value)
    return section


side_section = Nested(_section, SIDE_KEYS)
"""Reads one side as SIDE_KEYS does, from a mapping or its short form as a URL."""


def _parse_url(text: str) -> dict[str, str]:
    try:
        url = urls.parse(text)
    except ValueError as error:  # it quotes no part of the URL, which may hold a password
        raise vol.Invalid(str(error)) from None
    if url.scheme not in ("mysql", "mariadb"):
        raise vol.Invalid("write a mapping or mysql://user:password@host:port/database")
    found = {
        "host": url.host,
        "port": str(url.port) if url.has_port else None,
        "user": url.user,
        "password": url.password,
        "database": unquote(url.path.strip("/")),
    }
    return {**dict(parse_qsl(url.query)), **{name: word for name, word in found.items() if word}}


def make_side(name: str, section: Optional[Mapping[str, Any]], errors: list[str]) -> Optional[Side]:
    """Return the side of a section that `side_section` has read, else add to `errors`."""
    if not section:
        errors.append(
            f"track.{name}: the database at {name} is not set; "
            "write a mapping or mysql://user:password@host/database"
        )
        return None
    options = section.get("option_file") or {}
    found = {
        word: section.get(word) or options.get(word)
        for word in ("host", "port", "socket", "user", "database")
    }
    found["host"] = found["host"] or ("localhost" if found["socket"] else None)
    missing = [word for word in ("host", "user", "database") if not found[word]]
    errors += [f"track.{name}.{word}: this is not set" for word in missing]
    if missing:
        return None
    as_read = ("table", "timezone", "tls", "columns", "connect_timeout", "read_timeout")
    return Side(
        name=name,
        host=str(found["host"]),
        port=int(found["port"] or Side.port),
        socket=found["socket"],
        user=str(found["user"]),
        password=_password(section, options),
        database=str(found["database"]),
        **{
            "tls": option_file_tls(options),
            **{word: section[word] for word in as_read if word in section},
        },
    )


def _password(section: Mapping[str, Any], options: Mapping[str, str]) -> str:
    given = section.get("password"), section.get("password_file"), options.get("password")
    return next((password for password in given if password), "")
