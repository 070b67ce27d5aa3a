"""MariaDB servers of one's own: from a temporary directory, on a free loopback port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack
from typing import Optional

_PLACES = ":/usr/sbin:/sbin:/usr/libexec"  # RHEL keeps mariadbd in the last
_PATIENCE = 30  # seconds for a server to start
DATABASE = "transfers"


def program(name: str) -> Optional[str]:
    """The path of one of MariaDB's programs; None where it is not installed."""
    return shutil.which(name, path=os.environ.get("PATH", "") + _PLACES)


def missing() -> Optional[str]:
    """What to do where MariaDB is not installed; None where it is."""
    if program("mariadbd") and program("mariadb-install-db"):
        return None
    return (
        "MariaDB is not installed; apt-get install mariadb-server (Debian) "
        "or dnf install mariadb-server (RHEL) brings it"
    )


def start(cleanup: ExitStack, password: str) -> str:
    """Start a server that ends with `cleanup`; return the DSN of its user `lab`, who may write.

    Beside it there is `fthg`, who may read. OSError says why it could not be started.
    """
    server, install = program("mariadbd"), program("mariadb-install-db")
    if not (server and install):
        raise OSError(missing())
    directory = tempfile.mkdtemp(prefix="fthg-lab-db-")
    cleanup.callback(shutil.rmtree, directory, ignore_errors=True)
    _initialise(install, directory, password)
    port = _free_port()
    with open(f"{directory}/log", "wb") as log:
        process = subprocess.Popen(  # noqa: S603 - programs and options are our own
            [server, *_options(directory), f"--port={port}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(directory),
            start_new_session=True,  # Ctrl-C is for the lab, which ends it
        )
    cleanup.callback(_end, process)
    _await(process, port, f"{directory}/log")
    return f"mysql://lab:{password}@127.0.0.1:{port}/{DATABASE}"


def _initialise(install: str, directory: str, password: str) -> None:
    made = subprocess.run(  # noqa: S603 - programs and options are our own
        [install, *_common(directory), "--skip-test-db", "--innodb-doublewrite=0"],
        capture_output=True,
        check=False,
        env=_environment(directory),
        start_new_session=True,
    )
    if made.returncode:
        raise OSError(f"{install} failed: {made.stderr.decode(errors='replace').strip()}")
    with open(f"{directory}/init.sql", "w", encoding="utf-8") as file:
        file.write(
            f"CREATE DATABASE {DATABASE};\n"
            f"CREATE USER lab@'127.0.0.1' IDENTIFIED BY '{password}';\n"
            f"CREATE USER fthg@'127.0.0.1' IDENTIFIED BY '{password}';\n"
            f"GRANT ALL ON {DATABASE}.* TO lab@'127.0.0.1';\n"
            f"GRANT SELECT ON {DATABASE}.* TO fthg@'127.0.0.1';\n"
        )


def _environment(directory: str) -> dict[str, str]:
    # A server that starts clears the temporary tables of all others out of a common directory.
    return {**os.environ, "TMPDIR": directory}


def _common(directory: str) -> list[str]:
    user = ["--user=root"] if os.geteuid() == 0 else []
    careless = ["--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=16M"]
    return ["--no-defaults", f"--datadir={directory}/data", *careless, *user]


def _options(directory: str) -> list[str]:
    return [
        *_common(directory),
        f"--init-file={directory}/init.sql",
        f"--socket={directory}/sock",
        f"--pid-file={directory}/pid",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--innodb-buffer-pool-size=64M",
    ]


def _await(process: subprocess.Popen[bytes], port: int, log: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if _listens(port):
            return
        time.sleep(0.05)  # patched, so that others go on
    with open(log, encoding="utf-8", errors="replace") as lines:
        raise OSError(f"mariadbd did not start: {lines.read()[-1000:]}")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()  # nothing in it is worth a clean shutdown
    process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
