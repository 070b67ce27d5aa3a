"""The two tables that `fthg --track` reads, written as files pass through the lab."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Optional

import gevent

from . import mariadb
from .dice import Dice
from .passage import Witness
from .settings import Settings
from .tables import EgressTable, IngressTable, Oddities
from .writer import Writer, check_dsn


class Databases:
    """Both sides' databases inside `with`: servers of one's own, or those that DSNs name.

    Without `mysql` and DSNs there are none, and nothing is written.
    """

    def __init__(self, settings: Settings) -> None:
        self.witnesses: Sequence[Witness] = ()
        self.dsns: dict[str, str] = {}
        """side → how fthg may read it"""
        self._settings = settings
        self._cleanup = ExitStack()

    def __enter__(self) -> Databases:
        """Start the servers, make the tables; OSError where that cannot be."""
        given = {"ingress": self._settings.ingress_dsn, "egress": self._settings.egress_dsn}
        for dsn in filter(None, given.values()):
            check_dsn(dsn)
        if self._settings.mysql or any(given.values()):
            with ExitStack() as cleanup:
                starting = [gevent.spawn(self._address, dsn, cleanup) for dsn in given.values()]
                gevent.joinall(starting)  # before one of them may raise
                addresses = dict(zip(given, (each.get() for each in starting)))
                self.dsns = {side: readable for side, (_, readable) in addresses.items()}
                self.witnesses = self._tables(
                    *(_writer(side, dsn, cleanup) for side, (dsn, _) in addresses.items())
                )
                self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Write what is still to be written, and end the servers."""
        self._cleanup.close()

    def _address(self, dsn: Optional[str], cleanup: ExitStack) -> tuple[str, str]:
        """The DSN to write by, and the one to read by."""
        if dsn is not None:
            return dsn, dsn
        dsn = mariadb.start(cleanup, secrets.token_hex(8))
        return dsn, dsn.replace("//lab:", "//fthg:", 1)

    def _tables(self, ingress: Writer, egress: Writer) -> Sequence[Witness]:
        settings = self._settings
        oddities = Oddities(
            Dice(settings.seed), settings.duplicates, settings.strangers, settings.skewed
        )
        return IngressTable(ingress, oddities), EgressTable(egress, oddities)


def _writer(side: str, dsn: str, cleanup: ExitStack) -> Writer:
    writer = Writer(side, dsn)
    cleanup.callback(writer.close)
    return writer
