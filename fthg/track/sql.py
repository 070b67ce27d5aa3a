"""The SQL of the ledger, all of it for the SQLite 3.34 of RHEL 9: no FULL JOIN, no RETURNING."""

from __future__ import annotations

from .doubts import BITS

SIDE_TABLE = """
DROP TABLE IF EXISTS {side};
CREATE TABLE {side} (
    key,  -- BLOB: a UUID; TEXT: what is none; NULL
    filename TEXT, start INTEGER, end INTEGER, status TEXT,
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
"""  # noqa: S608

_KNOWN = "WHEN 'SUCCESS' THEN 0 WHEN 'FAILED' THEN 1 WHEN 'TIMEOUT' THEN 2"

# Statuses and results are numbers here: their places in figures.STATUSES and figures.RESULTS.
# The plain spelling comes first, as folding two million texts takes a second.
_STATUS = f"""CASE {{row}}.status {_KNOWN} ELSE CASE
    WHEN {{row}}.rowid IS NULL THEN 5
    WHEN {{row}}.status IS NULL THEN 4
    ELSE CASE upper(trim({{row}}.status)) {_KNOWN} ELSE 3 END
    END END"""
_PAIR = f"""
SELECT i.rowid AS i, e.rowid AS e, s.rowid AS s, coalesce(i.start, e.start) AS start,
    i.start AS i_start, i.end AS i_end, e.start AS e_start, e.end AS e_end,
    {_STATUS.format(row="i")} AS i_status, {_STATUS.format(row="e")} AS e_status,
    {BITS} AS doubt
"""
TRANSFERS = f"""
CREATE TABLE transfer AS
SELECT *, CASE
    WHEN i IS NULL OR e IS NULL THEN
        CASE WHEN :now - coalesce(i_end, e_end, start) < :grace THEN 4 ELSE 0 END
    WHEN e_status = 1 THEN 1
    WHEN e_status = 2 THEN 2
    WHEN e_status = 4 OR e_status = 0 AND e_end IS NULL THEN 3
    WHEN e_status = 0 THEN 5
    ELSE 1
    END AS result
FROM (
    {_PAIR} FROM ingress i
    LEFT JOIN egress e ON e.key = i.key AND i.key <> '' AND NOT e.extra
    LEFT JOIN sent s ON s.key = i.key
    WHERE NOT i.extra AND coalesce(i.start, e.start) >= :start AND coalesce(i.start, e.start) < :end
    UNION ALL
    {_PAIR} FROM egress e
    LEFT JOIN ingress i ON i.rowid = -1
    LEFT JOIN sent s ON s.key = e.key
    WHERE e.rowid IN (
        {_LONE.format(side="egress", other="ingress")}
        UNION ALL SELECT rowid FROM egress WHERE key IS NULL OR key = '')
    AND NOT e.extra AND e.start >= :start AND e.start < :end
)
"""  # noqa: S608

SENT_COLUMNS = "s.uuid, s.job, s.name, s.size, s.start, s.end, s.outcome, s.error"
TRACKED = f"""
SELECT t.result,
    t.i, i.key, i.filename, i.start, i.end, i.status,
    t.e, e.key, e.filename, e.start, e.end, e.status,
    t.s, {SENT_COLUMNS}
FROM transfer t
LEFT JOIN ingress i ON i.rowid = t.i
LEFT JOIN egress e ON e.rowid = t.e
LEFT JOIN sent s ON s.rowid = t.s
"""  # noqa: S608

DUPLICATES = """
FROM {side} d JOIN (
    SELECT r.key AS key, t.result AS result FROM transfer t JOIN {side} r ON r.rowid = t.{row}
    WHERE t.doubt & :bit) f ON f.key = d.key
WHERE d.extra
"""
