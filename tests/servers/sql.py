"""Statements as root on any SQL server, and tables that `fthg` may read."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pymysql

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

ACCOUNTS = (
    "ALTER USER root@localhost IDENTIFIED BY ''",
    f"CREATE USER IF NOT EXISTS {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
)

# Else releases from 1.2 on read all certificates of the system for each connection, for 80 ms.
_PLAIN = {"ssl_disabled": True} if pymysql.VERSION[0] else {}


class Administered:
    """A running server; `fthg` may only SELECT, `root` is for the test itself."""

    socket: str
    port: int

    def connect(self, zone: str = "+00:00", **options: Any) -> pymysql.connections.Connection[Any]:
        """Connect as root, committing each statement."""
        return pymysql.connect(
            unix_socket=self.socket,
            user="root",
            charset="utf8mb4",
            autocommit=True,
            init_command=f"SET time_zone = '{zone}'",
            **{**_PLAIN, **options},
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
