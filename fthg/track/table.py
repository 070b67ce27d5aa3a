"""The table of one side as its server describes it: column types, indexes and engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from ..errors import DatabaseError
from .columns import TIMES, Column, quote
from .session import Session
from .side import Side
from .times import TimeColumn, time_column
from .uuids import UuidForm, uuid_form


class Declared(NamedTuple):
    """A column as the server declares it."""

    type: str  # such as bigint(20) unsigned
    collation: Optional[str]


class Indexes(NamedTuple):
    """The indexes of a table, as far as they serve the queries."""

    uuid: bool  # an index begins with the UUID
    start: bool  # an index begins with startTime
    unique: bool = False  # no UUID can be there twice


class Engine(NamedTuple):
    """The storage of a table."""

    name: Optional[str]  # None for a view, of whose tables nothing is known
    transactional: bool  # consistent snapshots, and no writer waits for a reader
    rows: int  # about


class Table(NamedTuple):
    """All of a table that decides how its rows are read."""

    name: str  # with the database, quoted
    uuid: str  # quoted
    form: UuidForm
    start: TimeColumn
    end: TimeColumn
    select: str  # the SQL list of all columns; times in microseconds, see TimeColumn
    indexes: Indexes
    engine: Engine


def read_table(session: Session, side: Side) -> Table:
    """Ask the server about a side's table.

    Raises DatabaseError with all columns that are missing or of a wrong type.
    """
    name = f"{quote(side.database)}.{quote(side.table)}"
    session.run(f"SELECT 1 FROM {name} LIMIT 0")  # noqa: S608 — its error says what is wrong
    described = "COLUMN_NAME, COLUMN_TYPE, COLLATION_NAME"
    shown = _described(session, side, described, "COLUMNS", "ORDER BY ORDINAL_POSITION")
    found = {column.lower(): Declared(kind, collation) for column, kind, collation in shown}
    _check_names(side, [column for column, _, _ in shown])
    form, start, end = _read_types(side, found)
    uuid, filename, _, _, status = (quote(column.name) for column in side.columns)
    engine = _engine(session, side)
    return Table(
        name,
        uuid,
        form,
        start,
        end,
        f"{uuid}, {filename}, {start.micros}, {end.micros}, {status}",
        _indexes(session, side) if engine.name else Indexes(uuid=True, start=True),
        engine,
    )


def _check_names(side: Side, names: list[str]) -> None:
    known = {name.lower() for name in names}
    missing = [column.name for column in side.columns if column.name.lower() not in known]
    if missing:
        raise DatabaseError(
            f"{side}: there is no column {', '.join(missing)} that {side.user} may read, only "
            f"{', '.join(names)} (map names that differ with columns:, or GRANT SELECT on them)"
        )


def _read_types(
    side: Side, declared: Mapping[str, Declared]
) -> tuple[UuidForm, TimeColumn, TimeColumn]:
    errors: list[str] = []
    times: list[TimeColumn] = []
    uuid, _, start, end, _ = side.columns
    form = uuid_form(*declared[uuid.name.lower()])
    if form is None:
        errors.append(
            _wrong(uuid, declared, "UUID must be CHAR, VARCHAR, TEXT, BINARY, VARBINARY or UUID")
        )
    for standard, column in zip(TIMES, (start, end)):
        try:
            kind = declared[column.name.lower()].type
            times.append(time_column(column, kind, standard, side.timezone))
        except ValueError as error:
            errors.append(_wrong(column, declared, str(error)))
    if errors or form is None:
        raise DatabaseError(f"{side}: {'; '.join(errors)}")
    return form, times[0], times[1]


def _wrong(column: Column, declared: Mapping[str, Declared], words: str) -> str:
    return f"column {column.name} is {declared[column.name.lower()].type.upper():.60}: {words}"


def _indexes(session: Session, side: Side) -> Indexes:
    uuid, start = side.columns[0].name.lower(), side.columns[2].name.lower()
    keys: dict[str, list[str]] = {}
    unique: set[str] = set()
    wanted = "INDEX_NAME, COLUMN_NAME, NON_UNIQUE = 0 AND SUB_PART IS NULL"
    rest = "AND INDEX_TYPE IN ('BTREE', 'HASH') ORDER BY INDEX_NAME, SEQ_IN_INDEX"
    for index, column, alone in _described(session, side, wanted, "STATISTICS", rest):
        keys.setdefault(index, []).append(str(column).lower())
        if alone:
            unique.add(index)
    first = {columns[0] for columns in keys.values()}
    return Indexes(uuid in first, start in first, any(keys[index] == [uuid] for index in unique))


def _engine(session: Session, side: Side) -> Engine:
    for name, rows in _described(session, side, "ENGINE, TABLE_ROWS", "TABLES"):
        found = session.run(
            "SELECT TRANSACTIONS FROM information_schema.ENGINES "  # noqa: S608
            f"WHERE ENGINE = {session.literal(name or '')}"
        )
        return Engine(name, not name or found == [("YES",)], int(rows or 0))
    return Engine(None, transactional=True, rows=0)


def _described(
    session: Session, side: Side, wanted: str, view: str, rest: str = ""
) -> list[tuple[Any, ...]]:
    """Return what a view of information_schema has about a side's table."""
    return session.run(
        f"SELECT {wanted} FROM information_schema.{view} "  # noqa: S608
        f"WHERE TABLE_SCHEMA = {session.literal(side.database)} "
        f"AND TABLE_NAME = {session.literal(side.table)} {rest}"
    )
