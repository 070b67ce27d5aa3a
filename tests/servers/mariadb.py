"""Real MariaDB servers from temporary directories, each on a free loopback port."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Optional

import gevent
import pymysql

from . import free_port, need

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


class MariaDB:
    """One running server; `fthg` may only SELECT, `root` is for the test itself."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.port = free_port()
        self.directory = directory
        self.socket = str(directory / "sock")
        self.general_log = directory / "general.log"
        self._options = options
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._initialise()

    def start(self) -> None:
        """Start it, and return once it answers."""
        log = self.directory / "error.log"
        self._process = subprocess.Popen(
            [
                need("mariadbd"),
                "--no-defaults",
                *_run_as(),
                f"--datadir={self.directory / 'data'}",
                f"--socket={self.socket}",
                f"--port={self.port}",
                f"--pid-file={self.directory / 'pid'}",
                f"--log-error={log}",
                f"--general-log-file={self.general_log}",
                f"--tmpdir={self.directory}",  # each server that starts wipes what is in there
                "--bind-address=127.0.0.1",
                "--default-time-zone=-07:00",  # to be found out by whoever relies on it
                "--innodb-flush-method=nosync",
                "--innodb-buffer-pool-size=64M",
                *self._options,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"mariadbd did not start: {log.read_text()[-2000:]}")
            gevent.sleep(0.05)

    def stop(self, how: int = signal.SIGKILL) -> None:
        """End it; nothing in it is worth a clean shutdown."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def signal(self, number: int) -> None:
        """SIGSTOP makes it hang, SIGCONT lets it go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def connect(self, zone: str = "+00:00", **options: Any) -> pymysql.connections.Connection[Any]:
        """A connection as root that commits at once."""
        return pymysql.connect(
            unix_socket=self.socket,
            user="root",
            charset="utf8mb4",
            autocommit=True,
            init_command=f"SET time_zone = '{zone}'",
            **options,
        )

    def run(self, sql: str, *rows: Any, zone: str = "+00:00") -> list[tuple[Any, ...]]:
        """Run a statement as root, once for each of `rows`; what it returns."""
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
        """A fresh database with the standard schema that `fthg` may read."""
        self.run(f"DROP DATABASE IF EXISTS {database}")
        self.run(f"CREATE DATABASE {database}")
        self.run(SCHEMA.format(table=f"{database}.transfers", uuid=uuid, time=time, status=status))
        self.run(f"GRANT SELECT ON {database}.* TO {USER}@'127.0.0.1'")

    def _initialise(self) -> None:
        # Neither the help tables nor anything else of the distribution's set-up is needed.
        self.directory.chmod(0o755)
        done = subprocess.run(
            [
                need("mariadb-install-db"),
                "--no-defaults",
                *_run_as(),
                f"--datadir={self.directory / 'data'}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                f"--tmpdir={self.directory}",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"mariadb-install-db failed: {done.stdout.decode()}")

    def _answers(self) -> bool:
        if not os.path.exists(self.socket):  # an old PyMySQL leaks what it could not connect
            return False
        try:
            self.run(f"CREATE USER IF NOT EXISTS {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        except pymysql.err.OperationalError:
            return False
        return True


def _run_as() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


@contextmanager
def mariadb(*options: str) -> Iterator[MariaDB]:
    """A server for as long as the block lasts."""
    need("mariadbd")
    need("mariadb-install-db")
    # Not pytest's tmp_path: the path of a Unix socket must be short.
    directory = Path(tempfile.mkdtemp(prefix="fthg-db-"))
    try:
        server = MariaDB(directory, *options)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
