"""The session variables of a server that change what is read, or whether it can be read.

A server, an account or a proxy may set each of them otherwise, and DEFAULT is what they have set:
so each has a value here, is set after login, and is read back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Optional, Union

from pymysql.constants import ER

Value = Union[str, int]

_NO_LIMIT = 2**64 - 1
_DAY = 86_400
_NET_TIMEOUT = 3600  # seconds that the server waits for us while we write what we have read


def wanted_variables(read_timeout: float) -> dict[str, Value]:
    """Return name → value, in the order in which they must be set."""
    return {
        # Limits in time come first: one of a millisecond would end all that follows.
        "max_statement_time": 0,
        "max_execution_time": 0,
        "wait_timeout": _DAY,
        "net_read_timeout": _NET_TIMEOUT,
        "net_write_timeout": _NET_TIMEOUT,
        "idle_transaction_timeout": 0,
        "idle_readonly_transaction_timeout": 0,
        "lock_wait_timeout": max(1, int(read_timeout)),  # for ALTER TABLE; rows are not locked
        # How many rows, and which
        "sql_select_limit": _NO_LIMIT,
        "max_join_size": _NO_LIMIT,
        "sql_big_selects": 1,  # after max_join_size, which resets it
        "sql_safe_updates": 0,
        "sql_auto_is_null": 0,
        "sql_buffer_result": 0,
        "max_session_mem_used": 2**63 - 1,
        "system_versioning_asof": "DEFAULT",  # its only value that means the present
        "wsrep_dirty_reads": 0,
        # How statements are read
        "sql_mode": "",
        "character_set_client": "utf8mb4",
        "character_set_connection": "utf8mb4",
        "collation_connection": "utf8mb4_general_ci",
        "character_set_results": "utf8mb4",
        "time_zone": "+00:00",
        # Transactions
        "autocommit": 1,
        "completion_type": "NO_CHAIN",
        "transaction_isolation": "REPEATABLE-READ",
        "tx_isolation": "REPEATABLE-READ",
        "transaction_read_only": 1,
        "tx_read_only": 1,
        # Values in an IN (…) from which on a server looks at the whole table
        "in_predicate_conversion_threshold": 0,
        "range_optimizer_max_mem_size": 0,
    }


_OPTIONAL = frozenset(
    {
        "max_statement_time",
        "max_execution_time",
        "idle_transaction_timeout",
        "idle_readonly_transaction_timeout",
        "max_session_mem_used",
        "system_versioning_asof",
        "wsrep_dirty_reads",
        "transaction_isolation",
        "tx_isolation",
        "transaction_read_only",
        "tx_read_only",
        "in_predicate_conversion_threshold",
        "range_optimizer_max_mem_size",
    }
)
"""Those that only MariaDB, only MySQL or only some of their releases know."""


def unknown_variable(error: Exception) -> Optional[str]:
    """Return the optional variable that the server does not know, if that is the error."""
    if error.args[:1] != (ER.UNKNOWN_SYSTEM_VARIABLE,):
        return None
    found = re.search(r"'(\w+)'", str(error.args[-1]))
    return found[1] if found and found[1] in _OPTIONAL else None


def set_statement(variables: Mapping[str, Value]) -> str:
    """Return the SQL that sets all of them, or none."""
    return "SET SESSION " + ", ".join(
        f"{name} = {_sql(value)}" for name, value in variables.items()
    )


def select_statement(variables: Mapping[str, Value]) -> str:
    """Return the SQL that reads them back, in their order."""
    return "SELECT " + ", ".join(f"@@{name}" for name in variables)


def differences(wanted: Mapping[str, Value], found: Sequence[object]) -> list[str]:
    """Return a text for each variable that is not what it was set to, or was not found."""
    return [
        f"{name} was set to {value!r}, but is {now!r}"
        for (name, value), now in zip_longest(wanted.items(), found[: len(wanted)])
        if now != value
    ]


def _sql(value: Value) -> str:
    return f"'{value}'" if isinstance(value, str) and value != "DEFAULT" else str(value)
