"""Figures by file name: the transfers whose names match the patterns of a group.

Patterns are those of Python's `fnmatchcase`, as for the files of a job: `*`, `?`, `[a-z]` and
`[!a-z]`, case-sensitive; `*` matches a slash, too. The name is the one at ingress, else at egress;
a transfer without a name is in no group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Optional

from .durations import TRANSIT, spread_of
from .figures import OTHERS, Counts, Group
from .ledger import Ledger
from .outcomes import RESULTS, Outcome

Patterns = tuple[str, ...]

# Each name is looked up once and not once a pattern, at egress only if need be; there is one sort
# for all groups.
_NAMES = f"""
CREATE TEMP TABLE named AS
SELECT t.result AS result, t.{TRANSIT} AS transit,
    coalesce(nullif(i.filename, ''), nullif(e.filename, '')) AS name
FROM transfer t LEFT JOIN ingress i ON i.rowid = t.i
LEFT JOIN egress e ON e.rowid = CASE WHEN i.filename > '' THEN NULL ELSE t.e END
"""  # noqa: S608
_MEMBERS = """
CREATE TEMP TABLE grouped AS
SELECT result, transit, {members} FROM named ORDER BY transit
"""


def measure_groups(
    ledger: Ledger, groups: Sequence[tuple[str, Patterns]], limit: Optional[int]
) -> Iterator[Group]:
    """Yield the groups in their order, then `other files` if there are any."""
    if not groups:
        return
    ledger.query(_NAMES)
    columns = [f"g{n}" for n in range(len(groups))]
    _find_members(ledger, dict(zip(columns, (patterns for _, patterns in groups))))
    ledger.query("DROP TABLE named")
    others = f"NOT ({' OR '.join(columns)})"
    for (name, patterns), member in zip([*groups, (OTHERS, ())], [*columns, others]):
        group = _measure(ledger, name, patterns, member, limit)
        if patterns or group.counts.transfers:
            yield group
    ledger.query("DROP TABLE grouped")


def _find_members(ledger: Ledger, columns: Mapping[str, Patterns]) -> None:
    """Make the table of all transfers with a column for each group, 1 for its members."""
    ledger.define("fnmatch", _matches)
    values: dict[str, str] = {}
    members = []
    for column, patterns in columns.items():
        conditions = []
        for n, pattern in enumerate(patterns):
            values[f"{column}_{n}"] = _storable(pattern)
            conditions.append(_condition(f"{column}_{n}", values))
        members.append(f"coalesce({' OR '.join(conditions) or '0'}, 0) AS {column}")
    ledger.query(_MEMBERS.format(members=", ".join(members)), **values)


def _condition(parameter: str, values: dict[str, str]) -> str:
    """Return SQL that is true for names that match; GLOB differs from fnmatch in brackets only."""
    first, *others = re.split(r"[\[\]]", values[parameter])
    if not others:
        return f"name GLOB :{parameter}"
    # What matches also matches this, which is cheaper than a call of Python for each name.
    values[f"{parameter}_loose"] = f"{first}*{others[-1]}"
    return f"(name GLOB :{parameter}_loose AND fnmatch(name, :{parameter}))"


def _storable(pattern: str) -> str:
    """Replace surrogates, which stand for undecodable bytes and which SQLite refuses."""
    return pattern.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _matches(name: Optional[str], pattern: str) -> bool:
    try:
        return name is not None and fnmatchcase(name, pattern)
    except re.error:  # to Python 3.9, of [z-a]; to later ones it is a range without characters
        return False


def _measure(
    ledger: Ledger, name: str, patterns: Patterns, member: str, limit: Optional[int]
) -> Group:
    """Return the figures of the transfers that meet the SQL condition `member`."""
    counts = ", ".join(f"count(*) FILTER (WHERE result = {outcome:d})" for outcome in Outcome)
    passed = f"result = {Outcome.PASSED:d} AND transit <= :limit"
    found = ledger.query(
        f"SELECT {counts}, count(*) FILTER (WHERE {passed}), count(transit) "  # noqa: S608
        f"FROM grouped WHERE {member}",
        limit=limit,
    )
    *by_outcome, within, ended = next(found)
    ordered = ledger.query(
        f"SELECT transit FROM grouped WHERE {member} AND transit IS NOT NULL ORDER BY rowid"  # noqa: S608
    )
    return Group(
        name,
        patterns,
        Counts(**dict(zip(RESULTS, by_outcome))),
        spread_of(ordered, ended) if ended else None,
        None if limit is None else within,
    )
