"""Real MariaDB servers in temporary directories, each on a free loopback port."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pymysql

from fthg.lab.mariadb import Server

from . import need

SCHEMA = """
CREATE TABLE {table} (
  UUID {uuid},
  filename TEXT,
  startTime {time} NULL,
  endTime {time} NULL,
  status {status} NULL,
  INDEX (UUID), INDEX (startTime)
) DEFAULT CHARSET utf8mb4
"""
USER = "fthg"
PASSWORD = "s3cret"  # of a server that lives for one test run

_ACCOUNTS = (
    "ALTER USER root@localhost IDENTIFIED BY ''",
    f"CREATE USER IF NOT EXISTS {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
)


class MariaDB(Server):
    """One running server; `fthg` may only SELECT, `root` is for the test itself."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.general_log = directory / "general.log"
        super().__init__(
            str(directory),
            f"--general-log-file={self.general_log}",
            "--default-time-zone=-07:00",  # reveals code that relies on the server's zone
            *options,
            statements=_ACCOUNTS,
        )

    def connect(self, zone: str = "+00:00", **options: Any) -> pymysql.connections.Connection[Any]:
        """Connect as root, committing each statement."""
        return pymysql.connect(
            unix_socket=self.socket,
            user="root",
            charset="utf8mb4",
            autocommit=True,
            init_command=f"SET time_zone = '{zone}'",
            **options,
        )

    def run(self, sql: str, *rows: Any, zone: str = "+00:00") -> list[tuple[Any, ...]]:
        """Run a statement as root, once for each of `rows`; return its result."""
        with closing(self.connect(zone)) as connection, closing(connection.cursor()) as cursor:
            if rows:
                cursor.executemany(sql, rows)
            else:
                cursor.execute(sql)
            return list(cursor.fetchall())

    def schema(
        self,
        database: str,
        uuid: str = "CHAR(36)",
        time: str = "DATETIME(6)",
        status: str = "ENUM('SUCCESS', 'FAILED', 'TIMEOUT')",
    ) -> None:
        """Create an empty database with the standard schema that `fthg` may read."""
        self.run(f"DROP DATABASE IF EXISTS {database}")
        self.run(f"CREATE DATABASE {database}")
        self.run(SCHEMA.format(table=f"{database}.transfers", uuid=uuid, time=time, status=status))
        self.run(f"GRANT SELECT ON {database}.* TO {USER}@'127.0.0.1'")


@contextmanager
def mariadb(*options: str) -> Iterator[MariaDB]:
    """Run a server for the length of a block."""
    need("mariadbd")
    need("mariadb-install-db")
    # Not pytest's tmp_path: the path of a Unix socket must be short.
    directory = Path(tempfile.mkdtemp(prefix="fthg-db-"))
    try:
        server = MariaDB(directory, *options)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
