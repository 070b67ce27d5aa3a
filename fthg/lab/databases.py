"""The two tables that `fthg --track` reads, written as files pass through the lab."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Optional, Union

import gevent

from . import mariadb
from .dice import Dice
from .passage import Observer
from .settings import Settings
from .tables import EgressTable, IngressTable, Oddities
from .writer import Writer, check_dsn

_DATABASE = "transfers"


class Databases:
    """The databases of both sides inside `with`: own servers, or those of given DSNs.

    Without `mysql` and DSNs there are none, and nothing is written.
    """

    def __init__(self, settings: Settings) -> None:
        self.observers: Sequence[Observer] = ()
        self.dsns: dict[str, str] = {}
        """side → DSN by which fthg may read"""
        self._settings = settings
        self._cleanup = ExitStack()

    def __enter__(self) -> Databases:
        """Start the servers and create the tables; OSError if that fails."""
        given = {"ingress": self._settings.ingress_dsn, "egress": self._settings.egress_dsn}
        for dsn in filter(None, given.values()):
            check_dsn(dsn)
        if self._settings.mysql or any(given.values()):
            with ExitStack() as cleanup:
                starting = [gevent.spawn(_try_to_open, dsn, cleanup) for dsn in given.values()]
                gevent.joinall(starting)  # before one of them may raise
                addresses = dict(zip(given, (_opened(each.value) for each in starting)))
                self.dsns = {side: readable for side, (_, readable) in addresses.items()}
                self.observers = self._tables(
                    *(_writer(side, dsn, cleanup) for side, (dsn, _) in addresses.items())
                )
                self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Write all pending rows, and end the servers."""
        self._cleanup.close()

    def _tables(self, ingress: Writer, egress: Writer) -> Sequence[Observer]:
        settings = self._settings
        oddities = Oddities(
            Dice(settings.seed), settings.duplicates, settings.strangers, settings.skewed
        )
        return IngressTable(ingress, oddities), EgressTable(egress, oddities)


def _try_to_open(dsn: Optional[str], cleanup: ExitStack) -> Union[tuple[str, str], OSError]:
    """Return its error, of which gevent would otherwise print a traceback."""
    try:
        return _open(dsn, cleanup)
    except OSError as error:
        return error


def _opened(result: Union[tuple[str, str], OSError]) -> tuple[str, str]:
    if isinstance(result, OSError):
        raise result
    return result


def _open(dsn: Optional[str], cleanup: ExitStack) -> tuple[str, str]:
    """Return the DSNs to write and to read by: the given one, or those of a new server."""
    if dsn is not None:
        return dsn, dsn
    password = secrets.token_hex(8)
    directory = tempfile.mkdtemp(prefix="fthg-lab-db-")
    cleanup.callback(shutil.rmtree, directory, ignore_errors=True)
    server = mariadb.Server(directory, statements=_accounts(password))
    cleanup.callback(server.stop)
    server.start()
    address = f"{password}@127.0.0.1:{server.port}/{_DATABASE}"
    return f"mysql://lab:{address}", f"mysql://fthg:{address}"


def _accounts(password: str) -> Sequence[str]:
    return (
        f"CREATE DATABASE {_DATABASE}",
        f"CREATE USER lab@'127.0.0.1' IDENTIFIED BY '{password}'",
        f"CREATE USER fthg@'127.0.0.1' IDENTIFIED BY '{password}'",
        f"GRANT ALL ON {_DATABASE}.* TO lab@'127.0.0.1'",
        f"GRANT SELECT ON {_DATABASE}.* TO fthg@'127.0.0.1'",
    )


def _writer(side: str, dsn: str, cleanup: ExitStack) -> Writer:
    writer = Writer(side, dsn)
    cleanup.callback(writer.close)
    return writer
