"""The SQL of the ledger, for SQLite 3.34 of RHEL 9: without FULL JOIN and RETURNING."""

from __future__ import annotations

from .outcomes import KNOWN_STATUSES, Outcome, Status, sql_list
from .quality import BITS

ROW = "key, filename, start, end, status, doubt"
"""The columns of a row as it was read."""

SIDE_TABLE = """
DROP TABLE IF EXISTS {side};
CREATE TABLE {side} (
    key,  -- BLOB: a UUID; TEXT: a malformed one; NULL
    filename TEXT, start INTEGER, end INTEGER, status TEXT,
    doubt INTEGER NOT NULL,  -- of its times, bits: wall_clock.AMBIGUOUS, wall_clock.NONEXISTENT
    extra INTEGER NOT NULL DEFAULT 0  -- 1: another row of its side has this key and counts
);
"""
SENT_TABLE = """
CREATE TABLE sent (
    key UNIQUE,  -- of the row at ingress, as far as it is known
    uuid TEXT UNIQUE, job TEXT, name TEXT,
    base TEXT,  -- the name without its directories
    size INTEGER, start INTEGER, end INTEGER, outcome TEXT, error TEXT
);
"""

# Rows of a side are read again into a table beside it.
STAGED = "new_{side}"
SPAN_CHANGED = f"""
SELECT EXISTS (
    SELECT 1 FROM (
        SELECT 1 AS count, {ROW} FROM {{side}} WHERE start >= :start AND start < :end
        UNION ALL SELECT -1, {ROW} FROM {STAGED})
    GROUP BY {ROW} HAVING sum(count) <> 0)
"""  # noqa: S608
REPLACE_SPAN = (
    "DELETE FROM {side} WHERE start >= :start AND start < :end",
    f"INSERT INTO {{side}} ({ROW}) SELECT {ROW} FROM {STAGED} ORDER BY rowid",  # noqa: S608
)
REPLACE_ALL = f"""
DROP TABLE {{side}};
ALTER TABLE {STAGED} RENAME TO {{side}};
"""

MARK_EXTRA = """
UPDATE {side} SET extra = 1 WHERE rowid IN (
    SELECT rowid FROM (
        SELECT rowid, row_number() OVER (
            PARTITION BY key ORDER BY start IS NULL, start, rowid) AS place
        FROM {side}
        WHERE key IN (SELECT key FROM {side} WHERE key <> '' GROUP BY key HAVING count(*) > 1))
    WHERE place > 1)
"""

# Rows without partner: two indexes are walked side by side, the tables are not touched.
# An empty text is no identity: it neither pairs nor makes duplicates.
_LONE = """
SELECT rowid FROM {side} WHERE key > ''
AND NOT EXISTS (SELECT 1 FROM {other} WHERE {other}.key = {side}.key)
"""
SINGLES = f"""
SELECT key FROM {{side}} WHERE rowid IN ({_LONE}) AND start >= :start AND start < :end
AND (NOT :only_sent OR key IN (SELECT key FROM sent WHERE key IS NOT NULL))
"""  # noqa: S608

# The rowids of both rows of each transfer, in the order of the rows. Looking for partners in that
# order jumps about in an index beyond the cache; here, too, two indexes are walked side by side.
# Each half is sorted by itself: by one number, which is cheaper than by two of which one is NULL.
PAIRS = """
CREATE TABLE pair AS
SELECT i.rowid AS i, e.rowid AS e FROM ingress i INDEXED BY ingress_key
LEFT JOIN egress e INDEXED BY egress_key ON e.key = i.key AND i.key <> ''
    AND e.rowid NOT IN (SELECT rowid FROM egress WHERE extra)
WHERE i.rowid NOT IN (SELECT rowid FROM ingress WHERE extra)
ORDER BY 1
"""
ONLY_AT_EGRESS = f"""
INSERT INTO pair
SELECT NULL, rowid FROM egress WHERE rowid IN (
    {_LONE.format(side="egress", other="ingress")}
    UNION ALL SELECT rowid FROM egress WHERE key IS NULL OR key = '')
AND NOT extra
ORDER BY 2
"""  # noqa: S608

_KNOWN = " ".join(f"WHEN '{status.name}' THEN {status:d}" for status in KNOWN_STATUSES)

# The plain spelling comes first, because folding two million texts takes a second.
_STATUS = f"""CASE {{row}}.status {_KNOWN} ELSE CASE
    WHEN {{row}}.rowid IS NULL THEN {Status.NO_ROW:d}
    WHEN {{row}}.status IS NULL THEN {Status.NONE:d}
    ELSE CASE upper(trim({{row}}.status)) {_KNOWN} ELSE {Status.UNKNOWN:d} END
    END END"""
_PAIR = f"""
SELECT i.rowid AS i, e.rowid AS e, s.rowid AS s, coalesce(i.start, e.start) AS start,
    i.start AS i_start, i.end AS i_end, e.start AS e_start, e.end AS e_end,
    {_STATUS.format(row="i")} AS i_status, {_STATUS.format(row="e")} AS e_status,
    {BITS} AS quality
"""
TRANSFERS = f"""
CREATE TABLE transfer AS
SELECT *, CASE
    WHEN i IS NULL OR e IS NULL THEN
        CASE WHEN :now - coalesce(i_end, e_end, start) < :grace
        THEN {Outcome.PENDING:d} ELSE {Outcome.UNPAIRED:d} END
    WHEN e_status = {Status.FAILED:d} THEN {Outcome.FAILED:d}
    WHEN e_status = {Status.TIMEOUT:d} THEN {Outcome.TIMEOUT:d}
    WHEN e_status = {Status.NONE:d} OR e_status = {Status.SUCCESS:d} AND e_end IS NULL
        THEN {Outcome.IN_PROGRESS:d}
    WHEN e_status = {Status.SUCCESS:d} THEN {Outcome.PASSED:d}
    ELSE {Outcome.FAILED:d}
    END AS result
FROM (
    {_PAIR} FROM pair p
    LEFT JOIN ingress i ON i.rowid = p.i
    LEFT JOIN egress e ON e.rowid = p.e
    LEFT JOIN sent s ON s.key = coalesce(i.key, e.key)
    WHERE coalesce(i.start, e.start) >= :start AND coalesce(i.start, e.start) < :end
    AND (NOT :only_sent OR s.rowid IS NOT NULL)
)
"""  # noqa: S608

OPEN_KEYS = f"""
SELECT coalesce(i.key, e.key) AS key FROM transfer t
LEFT JOIN ingress i ON i.rowid = t.i
LEFT JOIN egress e ON e.rowid = t.e
WHERE t.result IN {sql_list(Outcome.UNPAIRED, Outcome.IN_PROGRESS, Outcome.PENDING)}
AND coalesce(i.key, e.key) <> ''
"""  # noqa: S608
_UNSETTLED = sql_list(Outcome.IN_PROGRESS, Outcome.PENDING)
UNSETTLED = f"SELECT 1 FROM transfer WHERE result IN {_UNSETTLED} LIMIT 1"  # noqa: S608
# The first moments at which time alone changes a figure: grace over, promised time over.
NEXT_UNPAIRED = f"""
SELECT min(coalesce(i_end, e_end, start)) + :grace FROM transfer WHERE result = {Outcome.PENDING:d}
"""  # noqa: S608
NEXT_OVERDUE = f"""
SELECT min(start) + :sla + 1 FROM transfer WHERE result IN {_UNSETTLED} AND start + :sla >= :now
"""  # noqa: S608

SENT_COLUMNS = "s.uuid, s.job, s.name, s.size, s.start, s.end, s.outcome, s.error"
JOINED = """
FROM transfer t
LEFT JOIN ingress i ON i.rowid = t.i
LEFT JOIN egress e ON e.rowid = t.e
LEFT JOIN sent s ON s.rowid = t.s
"""
TRACKED = f"""
SELECT t.result,
    t.i, i.key, i.filename, i.start, i.end, i.status,
    t.e, e.key, e.filename, e.start, e.end, e.status,
    t.s, {SENT_COLUMNS}
{JOINED}"""

DUPLICATES = """
FROM {side} d JOIN (
    SELECT r.key AS key, t.result AS result FROM transfer t JOIN {side} r ON r.rowid = t.{row}
    WHERE t.quality & :bit) f ON f.key = d.key
WHERE d.extra
"""
