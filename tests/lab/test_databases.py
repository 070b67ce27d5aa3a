from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pymysql
import pytest
import requests

from fthg.clock import Clock
from fthg.lab.databases import Databases
from fthg.lab.passage import Passage
from fthg.lab.practice import Lab
from fthg.lab.settings import Settings
from fthg.lab.writer import check_dsn
from tests.servers import need
from tests.waiting import until

ID = "0b5e7f0e-5c52-4f0e-9c2e-0d6f6b1f3a11"
_MOMENT = 1_700_000_000_123_456_789


def connect(dsn: str) -> closing[Any]:
    parts = urlsplit(dsn)
    return closing(
        pymysql.connect(
            host=parts.hostname,
            port=parts.port or 0,
            user=parts.username,
            password=parts.password or "",
            database="transfers",
        )
    )


def rows(dsn: str, what: str = "*", where: str = "TRUE") -> list[tuple[Any, ...]]:
    with connect(dsn) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(f"SELECT {what} FROM transfers WHERE {where}")
        return list(cursor.fetchall())


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str]]:
    """Start two servers for all tests of this file; return the DSNs that fthg reads by."""
    need("mariadbd")
    with Databases(Settings(mysql=True)) as databases:
        yield dict(databases.dsns)


@pytest.fixture(scope="module")
def writable(servers: dict[str, str]) -> dict[str, str]:
    return {side: dsn.replace("//fthg:", "//lab:") for side, dsn in servers.items()}


def oddly(writable: dict[str, str], **oddities: float) -> Databases:
    return Databases(
        Settings(ingress_dsn=writable["ingress"], egress_dsn=writable["egress"], **oddities)  # type: ignore[arg-type]
    )


def pass_through(databases: Databases, passage: Passage, status: str = "SUCCESS") -> None:
    for observer in databases.observers:
        observer.enters_ingress(passage, _MOMENT)
        observer.leaves_ingress(passage, _MOMENT + 1_000_000, "SUCCESS")
        observer.enters_egress(passage, _MOMENT + 2_000_000)
        observer.leaves_egress(passage, _MOMENT + 3_000_000, status)


def test_both_tables_have_times_to_the_microsecond_in_utc(
    writable: dict[str, str],
) -> None:
    passage = Passage(ID, "it's ä \udcff.csv", "http")
    with oddly(writable) as databases:
        pass_through(databases, passage, "FAILED")
    text = "UUID, filename, CAST(startTime AS CHAR), CAST(endTime AS CHAR), status"
    name = "it's ä ?.csv".replace("?", "\ufffd")
    assert rows(writable["ingress"], text, f"UUID = '{ID}'") == [
        (ID, name, "2023-11-14 22:13:20.123456", "2023-11-14 22:13:20.124456", "SUCCESS")
    ]
    assert rows(writable["egress"], text, f"UUID = '{ID}'") == [
        (ID, name, "2023-11-14 22:13:20.125456", "2023-11-14 22:13:20.126456", "FAILED")
    ]


def test_oddities_come_when_asked_for(writable: dict[str, str]) -> None:
    passage = Passage("11111111-5c52-4f0e-9c2e-0d6f6b1f3a11", "odd", "sftp")
    with oddly(writable, duplicates=1.0, strangers=1.0, skewed=1.0) as databases:
        pass_through(databases, passage)
    both = f"UUID = '{passage.uuid}' ORDER BY startTime"
    assert [start for (start,) in rows(writable["ingress"], "CAST(startTime AS CHAR)", both)] == [
        "2023-11-14 22:13:20.123456",
        "2023-11-14 22:13:20.124456",
    ]
    assert rows(writable["egress"], "CAST(startTime AS CHAR), CAST(endTime AS CHAR)", both) == [
        ("2023-11-14 21:13:20.125456", "2023-11-14 21:13:20.126456"),
        ("2023-11-14 21:13:20.126456", "2023-11-14 21:13:20.126456"),
    ]
    strangers = rows(writable["egress"], "UUID", "filename LIKE 'stranger-%'")
    assert len(strangers) == 1
    assert rows(writable["ingress"], "*", f"UUID = '{strangers[0][0]}'") == []


def test_fthg_itself_may_only_read(servers: dict[str, str]) -> None:
    assert urlsplit(servers["ingress"]).username == "fthg"
    assert rows(servers["ingress"], "COUNT(*)")
    with connect(servers["ingress"]) as connection, pytest.raises(pymysql.Error, match="denied"):
        connection.cursor().execute("DELETE FROM transfers")


def test_rows_are_written_while_files_pass(writable: dict[str, str]) -> None:
    settings = Settings(processing=(0.4, 0.4), samples=0)
    uuid = "22222222-5c52-4f0e-9c2e-0d6f6b1f3a11"
    mine = f"UUID = '{uuid}'"
    with oddly(writable) as databases, Lab(settings, Clock(), databases.observers) as lab:
        headers = {"X-Transfer-Id": uuid}
        requests.put(lab.http_url + "live.csv", data=b"x", headers=headers, timeout=30)
        until(lambda: rows(writable["egress"], "filename, endTime, status", mine))
        until(lambda: rows(writable["egress"], "status", mine) == [("SUCCESS",)])
        assert rows(writable["ingress"], "filename, status", mine) == [("live.csv", "SUCCESS")]


def test_a_database_that_goes_away_does_not_stop_the_files(
    writable: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        oddly(writable) as databases,
        Lab(Settings(samples=0, processing=(0.0, 0.0)), Clock(), databases.observers) as lab,
    ):
        for side in ("ingress", "egress"):
            _kill_others(writable[side])
        for at in range(5):
            assert requests.put(lab.http_url + f"k{at}", data=b"x", timeout=30).status_code == 201
        until(lambda: lab.counts.egress == {"SUCCESS": 5})
    complaints = capfd.readouterr().err.splitlines()
    assert sorted(line[:44] for line in complaints) == [
        "fthg.lab: no more rows for the egress databa",
        "fthg.lab: no more rows for the ingress datab",
    ]


def _kill_others(dsn: str) -> None:
    with connect(dsn) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SHOW PROCESSLIST")
        for process, *_ in cursor.fetchall():
            if process != connection.thread_id():
                cursor.execute(f"KILL {process}")


def test_without_databases_there_are_no_observers() -> None:
    with Databases(Settings()) as databases:
        assert (databases.observers, databases.dsns) == ((), {})


def test_servers_of_its_own_are_gone_at_the_end() -> None:
    need("mariadbd")
    before = _directories()
    with Databases(Settings(mysql=True)) as databases:
        ports = [urlsplit(dsn).port for dsn in databases.dsns.values()]
    assert len(ports) == 2
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port or 0))
    assert _directories() <= before


def _directories() -> set[str]:
    return {name for name in os.listdir(tempfile.gettempdir()) if name.startswith("fthg-lab-db-")}


@pytest.mark.parametrize(
    "dsn",
    [
        "mysql:/lab:hunter2@h/d",
        "mysql://lab:hunt/er2@h/d",
        "mysql://lab:hunter2@h:port/d",
        "mysql://lab:hunter2@[h/d",
        "mysql://lab:hunter2@h",
        "postgres://lab:hunter2@h/d",
    ],
)
def test_a_malformed_dsn_is_refused_and_not_repeated(dsn: str) -> None:
    with pytest.raises(OSError, match="mysql://user:password@host") as refused:
        check_dsn(dsn)
    assert "hunt" not in str(refused.value)
