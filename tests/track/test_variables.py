"""The variables set on a session, and their comparison with those found."""

from __future__ import annotations

import pymysql
import pytest

from fthg.track.variables import (
    Value,
    differences,
    select_statement,
    set_statement,
    unknown_variable,
    wanted_variables,
)


def test_statements_name_all_variables_in_one_order() -> None:
    wanted = wanted_variables(30)
    order = [part.split(" = ")[0] for part in set_statement(wanted)[12:].split(", ")]
    assert order == list(wanted)
    assert select_statement(wanted) == "SELECT " + ", ".join(f"@@{name}" for name in wanted)
    assert order.index("max_join_size") < order.index("sql_big_selects")


def test_values_are_quoted_but_not_the_word_default() -> None:
    assert set_statement({"a": "", "b": 0, "c": "DEFAULT"}) == (
        "SET SESSION a = '', b = 0, c = DEFAULT"
    )


def test_a_server_waits_for_a_lock_as_long_as_we_wait_for_the_server() -> None:
    assert wanted_variables(7.5)["lock_wait_timeout"] == 7
    assert wanted_variables(0.5)["lock_wait_timeout"] == 1


def test_a_variable_that_was_not_set_is_named_with_both_values() -> None:
    wanted: dict[str, Value] = {"sql_mode": "", "wait_timeout": 5}
    assert differences(wanted, ("", 5.0)) == []
    assert differences(wanted, ("ANSI", 5)) == ["sql_mode was set to '', but is 'ANSI'"]


def test_an_answer_without_a_row_differs_in_all_variables() -> None:
    assert len(differences(wanted_variables(1), ())) == len(wanted_variables(1))


@pytest.mark.parametrize(
    ("number", "text", "found"),
    [
        (1193, "Unknown system variable 'tx_isolation'", "tx_isolation"),
        (1193, "Unknown system variable 'sql_select_limit'", None),
        (1193, "Unknown", None),
        (1227, "Access denied for 'tx_isolation'", None),
    ],
)
def test_only_some_variables_may_be_unknown(number: int, text: str, found: str) -> None:
    assert unknown_variable(pymysql.err.OperationalError(number, text)) == found
