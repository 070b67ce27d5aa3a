"""Real MySQL servers in temporary directories, each on a free loopback port.

No distribution that fthg runs on ships MySQL beside MariaDB: `./dev test` unpacks one into
`.venv/mysql` (fetch_mysql.sh), which runs with its own libc. Where that failed, tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from . import free_port, wait_until_it_listens
from .sql import ACCOUNTS, PASSWORD, USER, Administered

__all__ = ["PASSWORD", "USER", "MySQL", "mysql"]

_ROOT = Path(__file__).parents[2] / ".venv/mysql"


class MySQL(Administered):
    """One running server; `fthg` may only SELECT, `root` is for the test itself."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.directory = directory
        self.port = free_port()
        self.socket = str(directory / "sock")
        init = directory / "init.sql"
        init.write_text("".join(f"{statement};\n" for statement in ACCOUNTS))
        self._log = directory / "log"
        self._run("--initialize-insecure").check_returncode()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(
                    f"--init-file={init}",
                    f"--socket={self.socket}",
                    f"--pid-file={directory}/pid",
                    f"--port={self.port}",
                    "--bind-address=127.0.0.1",
                    "--mysqlx=OFF",
                    "--default-time-zone=-07:00",  # reveals code that relies on the server's zone
                    *options,
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def start(self) -> None:
        """Return once it accepts connections."""
        wait_until_it_listens(self._process, self.port, self._log)

    def stop(self) -> None:
        """End it at once: its data is not needed again."""
        self._process.kill()
        self._process.wait(30)

    def _run(self, *options: str) -> subprocess.CompletedProcess[bytes]:
        with self._log.open("ab") as log:
            return subprocess.run(
                self._command(*options), stdout=log, stderr=log, check=False, timeout=120
            )

    def _command(self, *options: str) -> list[str]:
        """Return a command that starts the server with the loader and libraries it came with."""
        (loader,) = (_ROOT / "usr/lib").glob("*/ld-linux-*.so.*")
        user = ["--user=root"] if os.geteuid() == 0 else []
        return [
            str(loader), "--library-path", str(loader.parent), str(_ROOT / "usr/sbin/mysqld"),
            "--no-defaults", f"--basedir={_ROOT}/usr", f"--datadir={self.directory}/data", *user,
            f"--tmpdir={self.directory}", "--skip-log-bin", "--innodb-buffer-pool-size=64M",
            "--innodb-redo-log-capacity=16M", "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=OFF", "--performance-schema=OFF", "--secure-file-priv=NULL",
            *options,
        ]  # fmt: skip


@contextmanager
def mysql(*options: str) -> Iterator[MySQL]:
    """Run a server for the length of a block; skip the test, even under CI, if there is none."""
    if not (_ROOT / "usr/sbin/mysqld").exists():
        pytest.skip("MySQL could not be fetched from Debian sid (tests/servers/fetch_mysql.sh)")
    directory = Path(tempfile.mkdtemp(prefix="fthg-my-"))  # a Unix socket's path must be short
    try:
        server = MySQL(directory, *options)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
