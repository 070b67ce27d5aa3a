"""Logins with any password, by every method that servers demand, encrypted or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gevent
import pymysql
import pytest

from fthg.track.session import Session
from fthg.track.side import Side, make_side, side_section
from fthg.track.tls import Tls
from tests.servers.mariadb import MariaDB
from tests.servers.mysql import MySQL

from .test_hostile import Server
from .world import DATABASE, World, read_rows

PASSWORDS = ("plain", "pä$$ wörd", "€uro 日本 😀", 'it\'s "quoted" \\ #1 %40:/@?', "x" * 60)
USER = "login"
ACCOUNT = f"{USER}@'127.0.0.1'"


def _account(server: Server, password: str, method: str = "") -> None:
    server.run(f"DROP USER IF EXISTS {ACCOUNT}")
    literal = "'" + pymysql.converters.escape_string(password) + "'"
    server.run(f"CREATE USER {ACCOUNT} IDENTIFIED {method and f'WITH {method} '}BY {literal}")
    server.run(f"GRANT SELECT ON {DATABASE}.* TO {ACCOUNT}")


@pytest.fixture
def mysql(mysql_server: MySQL) -> Iterator[MySQL]:
    mysql_server.schema(DATABASE)
    yield mysql_server
    mysql_server.run(f"DROP USER IF EXISTS {ACCOUNT}")


@pytest.mark.parametrize("mode", ["disabled", "preferred", "required"])
@pytest.mark.parametrize("method", ["caching_sha2_password", "sha256_password"])
def test_mysql_lets_every_password_in(mysql: MySQL, method: str, mode: str) -> None:
    """Check both methods: plain within TLS, else encrypted by the server's RSA key."""
    for password in PASSWORDS:
        _account(mysql, password, method)
        side = Side(
            "ingress", "127.0.0.1", USER, DATABASE, mysql.port, password=password, tls=Tls(mode)
        )
        assert read_rows(side) == []  # by its full exchange, as nothing is cached
        assert read_rows(side) == []  # caching_sha2_password: by its short one


def test_mariadb_lets_every_password_in(world: World) -> None:
    server: MariaDB = world.ingress
    for password in PASSWORDS:
        _account(server, password)
        assert read_rows(world.side("ingress", user=USER, password=password)) == []
    server.run(f"DROP USER {ACCOUNT}")


def _url(section: dict[str, Any], password: str, _: Path) -> Any:
    address = f"{section['host']}:{section['port']}/{section['database']}"
    return f"mysql://{USER}:{quote(password, safe='')}@{address}"


def _mapping(section: dict[str, Any], password: str, _: Path) -> Any:
    return {**section, "password": password}


def _password_file(section: dict[str, Any], password: str, path: Path) -> Any:
    path.write_text(f"{password}\nsecond line\n", encoding="utf-8")
    return {**section, "password_file": str(path)}


def _option_file(section: dict[str, Any], password: str, path: Path) -> Any:
    written = password.replace("\\", "\\\\").replace('"', '\\"')
    path.write_text(f'[client]\npassword = "{written}"\n', encoding="utf-8")
    return {**section, "option_file": str(path)}


@pytest.mark.parametrize("way", [_url, _mapping, _password_file, _option_file])
def test_a_password_arrives_from_wherever_it_is_written(
    world: World, tmp_path: Path, way: Callable[[dict[str, Any], str, Path], Any]
) -> None:
    section = {
        "host": "127.0.0.1", "port": world.ingress.port, "user": USER, "database": DATABASE,
    }  # fmt: skip
    for password in PASSWORDS:
        _account(world.ingress, password)
        errors: list[str] = []
        side = make_side("ingress", side_section(way(section, password, tmp_path / "file")), errors)
        assert errors == []
        assert side is not None
        assert read_rows(side) == []
    world.ingress.run(f"DROP USER {ACCOUNT}")


def test_a_password_file_is_read_again_for_the_next_connection(
    world: World, tmp_path: Path
) -> None:
    section = {
        "host": "127.0.0.1", "port": world.ingress.port, "user": USER, "database": DATABASE,
    }  # fmt: skip
    path = tmp_path / "file"
    _account(world.ingress, "first")
    side = make_side("ingress", side_section(_password_file(section, "first", path)), [])
    assert side is not None
    session = Session(side)
    session.begin()
    ((number,),) = session.run("SELECT CONNECTION_ID()")
    _account(world.ingress, "second")
    path.write_text("second\n")
    gevent.sleep(1.1)
    world.ingress.run(f"KILL {number}")
    assert session.begin(), "a new connection"
    session.close()
    world.ingress.run(f"DROP USER {ACCOUNT}")
