"""One database and how to reach it, read from a mapping, a mysql:// URL or a my.cnf file."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Optional
from urllib.parse import parse_qsl, unquote, urlsplit

import voluptuous as vol

from ..config import values
from ..config.schema import Nested, key

_LONGEST = 1024 * 1024  # characters of an option file; /dev/zero has no end

COLUMNS = ("UUID", "filename", "startTime", "endTime", "status")
"""The columns of the standard schema."""


@dataclass(frozen=True)
class Tls:
    """How to encrypt a connection; paths of PEM files."""

    ca: Optional[str] = None  # None: the system's store
    cert: Optional[str] = None
    key: Optional[str] = None
    verify: bool = True


@dataclass(frozen=True)
class Side:
    """One database: where it is, who asks, and what its table is called; times in seconds."""

    name: str  # ingress or egress
    host: str
    user: str
    database: str
    port: int = 3306
    socket: Optional[str] = None  # path of a Unix socket, used in place of host and port
    password: str = field(default="", repr=False)
    table: str = "transfers"
    timezone: str = "+00:00"  # what a DATETIME without zone means
    tls: Optional[Tls] = None
    columns: tuple[str, ...] = COLUMNS  # in the order of COLUMNS
    connect_timeout: float = 10.0
    read_timeout: float = 30.0

    def __str__(self) -> str:
        where = self.socket or f"{self.host}:{self.port}"
        return f"{self.name}: {where}, database {self.database}, table {self.table}"


def _columns(value: Any) -> tuple[str, ...]:
    names = values.mapping_of(values.filled)(value)
    known = {_plain(column): column for column in COLUMNS}
    given: dict[str, str] = {}
    for name, column in names.items():
        if _plain(name) not in known:
            wanted = ", ".join(known.values())
            raise vol.Invalid(f"there is no column {str(name)!r}; rename {wanted}", path=[name])
        given[known[_plain(name)]] = column
    return tuple(given.get(column, column) for column in COLUMNS)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _zone(value: Any) -> str:
    text = values.filled(value).strip()
    if text.upper() in ("UTC", "Z", "GMT"):
        return "+00:00"
    if re.fullmatch(r"[+-]\d\d?:\d\d|[A-Za-z][\w+/-]*", text):
        return text
    raise vol.Invalid(f"{text!r} is not a time zone; write it as +01:00 or Europe/Berlin")


_TLS = vol.Schema(
    {
        vol.Optional("ca"): values.input_path,
        vol.Optional("cert"): values.input_path,
        vol.Optional("key"): values.input_path,
        vol.Optional("verify"): values.boolean,
    }
)


def _tls(value: Any) -> Optional[Tls]:
    if isinstance(value, dict):
        return Tls(**_TLS(value))
    return Tls() if values.boolean(value) else None


def _option_file(value: Any) -> Mapping[str, str]:
    """The `[client]` section of a my.cnf file."""
    path = values.input_path(value)
    parser = configparser.RawConfigParser(allow_no_value=True, strict=False)
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read(_LONGEST).splitlines(keepends=True)
        parser.read_string("".join(line for line in lines if not line.startswith("!")))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        reason = getattr(error, "strerror", None) or "it is not an option file"
        raise vol.Invalid(f"{path} cannot be read: {reason}") from None
    found = parser["client"] if parser.has_section("client") else {}
    return {name.replace("_", "-"): (text or "").strip("'\"") for name, text in found.items()}


SIDE_KEYS: Mapping[Any, Any] = MappingProxyType(
    {
        key("host", "name or address of the database server"): values.filled,
        key("port", "its port; 3306 unless an option file says otherwise"): (
            values.whole(1, 65_535)
        ),
        key("socket", "path of a Unix socket, in place of host and port"): values.output_path,
        key("user", "a user with the right to SELECT"): values.filled,
        key("password", "its password", secret=True): values.text,
        key("password_file", "a file with the password in its first line"): values.secret_file,
        key("option_file", "a my.cnf whose [client] fills what is not set here"): _option_file,
        key("database", "the database"): values.filled,
        key("table", "the table", Side.table): values.filled,
        key("timezone", "what a DATETIME without zone means", Side.timezone): _zone,
        key("tls", "true, or a mapping of ca, cert, key and verify"): _tls,
        key("columns", "names that differ: a mapping from the standard ones"): _columns,
        key("connect_timeout", "for connecting and logging in", "10s"): values.some_duration,
        key("read_timeout", "for each answer of the server", "30s"): values.some_duration,
    }
)
"""The keys of one side, each with its reader, default and description."""

_SIDE = vol.Schema(dict(SIDE_KEYS))


def _section(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        value = _from_url(values.filled(value))
    section: Mapping[str, Any] = _SIDE(value)
    return section


side_section = Nested(_section, SIDE_KEYS)
"""Reads one side as SIDE_KEYS does, from a mapping or its short form as a URL."""


def _from_url(text: str) -> dict[str, str]:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise vol.Invalid(
            "this is not a URL; write special characters as %40 and the like"
        ) from None
    if url.scheme not in ("mysql", "mariadb") or not url.hostname:
        # The text itself may hold a password, so it is not repeated.
        raise vol.Invalid("a mapping or mysql://user:password@host:port/database is wanted here")
    found = {
        "host": url.hostname,
        "port": str(port) if port else None,
        "user": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "database": unquote(url.path.strip("/")),
    }
    return {**dict(parse_qsl(url.query)), **{name: word for name, word in found.items() if word}}


def make_side(name: str, section: Optional[Mapping[str, Any]], faults: list[str]) -> Optional[Side]:
    """The side of a section that `side_section` has read; what is missing is added to `faults`."""
    if not section:
        faults.append(
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
    faults += [f"track.{name}.{word}: this is not set" for word in missing]
    if missing:
        return None
    kept = ("table", "timezone", "tls", "columns", "connect_timeout", "read_timeout")
    return Side(
        name=name,
        host=str(found["host"]),
        port=int(found["port"] or Side.port),
        socket=found["socket"],
        user=str(found["user"]),
        password=_password(section, options),
        database=str(found["database"]),
        **{
            "tls": _option_tls(options),
            **{word: section[word] for word in kept if word in section},
        },
    )


def _password(section: Mapping[str, Any], options: Mapping[str, str]) -> str:
    for found in (section.get("password"), section.get("password_file"), options.get("password")):
        if found:
            return str(found)
    return ""


def _option_tls(options: Mapping[str, str]) -> Optional[Tls]:
    ca, cert, key = (options.get(f"ssl-{name}") or None for name in ("ca", "cert", "key"))
    return Tls(ca, cert, key) if ca or cert or key else None
