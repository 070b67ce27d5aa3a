"""The files that fthg sent, read from results files and joined with the rows at ingress."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from ..clock import run_loop_once
from ..log import Log
from ..results.read import is_no_result, is_whole, parse_line, read_lines
from ..results.reread import unreadable
from ..transfer import Result
from .figures import Reconciliation, SentFiles, Transfers
from .ledger import Ledger
from .sent_files import SKEW
from .uuids import Key, key_of

NAMED = 10_000
"""Files that are named one by one in a report."""

_log = Log(__name__)

_CHUNK = 1000
_INSERT = (
    "INSERT OR IGNORE INTO sent (key, uuid, job, name, base, size, start, end, outcome, error) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_MISSING = (
    "FROM sent s WHERE s.outcome = 'ok' AND s.start >= :start AND s.start < :end "
    "AND NOT EXISTS (SELECT 1 FROM ingress i WHERE i.key = s.key)"
)
# Nearest in time first, so that a lost or unknown row does not shift the others.
_NAMESAKES = """
SELECT s.rowid, i.key, abs(i.start - s.start) AS apart
FROM sent s JOIN ingress i ON i.filename = s.{name}
WHERE s.key IS NULL AND i.key <> '' AND NOT i.extra
AND i.start BETWEEN s.start - :skew AND coalesce(s.end, s.start) + :skew
AND i.key NOT IN (SELECT key FROM sent WHERE key IS NOT NULL)
"""


class SentReader:
    """A reader of results files into the ledger; each poll reads the lines appended since."""

    def __init__(self, paths: Iterable[str], by_name: bool) -> None:
        self._offsets = dict.fromkeys(paths, 0)
        self._by_name = by_name

    def read(self, ledger: Ledger) -> bool:
        """Read all complete lines; an incomplete last one is left for the next poll.

        Returns False if there is nothing new. Raises StartError if a file cannot be read.
        """
        changed = False
        for path in self._offsets:
            rows: list[tuple[Any, ...]] = []
            for line in self._lines(path):
                rows += _rows(line, self._by_name)
                if len(rows) >= _CHUNK:
                    changed |= ledger.change(_INSERT, rows)
                    rows = []
                    run_loop_once()
            changed |= ledger.change(_INSERT, rows)
        return changed

    def match(self, ledger: Ledger) -> bool:
        """Find the rows at ingress by file name and time, if files are matched by name.

        Returns False if none was found.
        """
        if not self._by_name:
            return False
        ledger.change("CREATE INDEX IF NOT EXISTS ingress_name ON ingress (filename)", [()])
        pairs = " UNION ".join(_NAMESAKES.format(name=name) for name in ("name", "base"))
        keys: dict[int, Key] = {}
        taken: set[Key] = set()
        for sent, key, _ in ledger.query(f"{pairs} ORDER BY 3", skew=SKEW):
            if sent not in keys and key not in taken:
                keys[sent] = key
                taken.add(key)
        change = "UPDATE sent SET key = ? WHERE rowid = ?"
        return ledger.change(change, [(key, sent) for sent, key in keys.items()])

    def _lines(self, path: str) -> Iterator[bytes]:
        try:
            with open(path, "rb") as file:
                if os.fstat(file.fileno()).st_size < self._offsets[path]:
                    self._offsets[path] = 0  # it was truncated or replaced by log rotation
                file.seek(self._offsets[path])
                for line, size in read_lines(file):
                    if not line.endswith(b"\n") and not is_whole(line):
                        break
                    self._offsets[path] += size
                    yield line
        except FileNotFoundError:
            return  # it existed when the run started: log rotation creates a new one soon
        except OSError as error:
            raise unreadable(path, error) from None


def missing(ledger: Ledger) -> list[Key]:
    """Return the keys of files accepted in the period whose rows at ingress were not read yet."""
    return ledger.column(f"SELECT s.key {_MISSING} AND s.key IS NOT NULL", **ledger.period)


def count_missing(ledger: Ledger) -> int:
    """Return the number of files accepted in the period that ingress has not seen."""
    found: int = ledger.column(f"SELECT count(*) {_MISSING}", **ledger.period)[0]
    return found


def reconcile(ledger: Ledger) -> Reconciliation:
    """Compare the files sent in the period with the rows at ingress; the ledger is paired."""
    return Reconciliation(
        accepted=ledger.column(
            "SELECT count(*) FROM sent WHERE outcome = 'ok' AND start >= :start AND start < :end",
            **ledger.period,
        )[0],
        missing=SentFiles(
            count_missing(ledger),
            tuple(ledger.sent_files(f"{_MISSING} ORDER BY s.start LIMIT {NAMED}", **ledger.period)),
        ),
        unconfirmed=_transfers(ledger, "t.i IS NOT NULL AND s.outcome <> 'ok'"),
        unexpected=_transfers(ledger, "t.i IS NOT NULL AND t.s IS NULL"),
    )


def _transfers(ledger: Ledger, condition: str) -> Transfers:
    count = f"SELECT count(*) FROM transfer t LEFT JOIN sent s ON s.rowid = t.s WHERE {condition}"  # noqa: S608
    first = ledger.tracked(f"WHERE {condition} ORDER BY t.start LIMIT {NAMED}")
    return Transfers(ledger.column(count)[0], tuple(first))


def _rows(line: bytes, by_name: bool) -> Iterator[tuple[Any, ...]]:
    try:
        result = parse_line(line).result
    except ValueError as error:
        if not is_no_result(line):
            shown = line[:200].decode("utf-8", "replace")
            _log.warning("not a line of a results file", line=shown, reason=str(error))
        return
    # A dropped transfer was never sent: it has no start.
    if result.start is not None:
        yield _row(result, result.start, by_name)


def _row(result: Result, start: int, by_name: bool) -> tuple[Any, ...]:
    name = _storable(result.name or "")
    uuid = _storable(result.uuid) or None
    return (
        None if by_name else key_of(uuid),
        uuid,
        _storable(result.job),
        name,
        os.path.basename(name),
        result.size,
        start // 1000,
        None if result.end is None else result.end // 1000,
        result.outcome,
        result.error,
    )


def _storable(text: str) -> str:
    """Replace surrogates, which stand for undecodable bytes and which SQLite refuses."""
    return text.encode("utf-8", "replace").decode()
