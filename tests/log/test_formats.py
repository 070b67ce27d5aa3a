from __future__ import annotations

import json
import logging
import os
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fthg.log import TRACE, formats
from fthg.log.entry import LogEntry, make_entry
from fthg.log.events import Record
from fthg.units import Seconds

AT = 1795503662.1239
ANY_TEXT = st.text(st.characters())  # surrogates and controls included


def line(**fields: object) -> LogEntry:
    record = Record("fthg.load.job", logging.INFO, "transfer ok", fields, None)
    record.created = AT
    return make_entry(record, str)


def test_text_is_time_level_event_and_fields() -> None:
    made = line(job="orders", file="a b.txt", size=12, time=0.25, ok=True, code=None)
    assert formats.text(made) == (
        "2026-11-24T07:01:02.123Z INFO  transfer ok  "
        'job=orders file="a b.txt" size=12 time=0.25 ok=true'
    )


def test_entries_that_are_formatted_in_turns_keep_their_own_texts() -> None:
    one, two = line(seq=1), line(seq=2)
    formatted = [form(entry) for form in (formats.text, formats.console) for entry in (one, two)]
    formatted += [form(entry) for entry in (one, two) for form in (formats.text, formats.console)]
    assert [made[-5:] for made in formatted] == ["seq=1", "seq=2"] * 2 + [
        *["seq=1"] * 2,
        *["seq=2"] * 2,
    ]
    assert formats.text(one._replace(event="another")).endswith("another  seq=1")


def test_json_is_one_object_with_its_own_keys_first() -> None:
    made = formats.as_json(line(job="orders", size=12, code=None, event="x")._replace(run="r1"))
    assert list(json.loads(made))[:5] == ["ts", "level", "event", "run", "pid"]
    assert json.loads(made) == {
        "ts": "2026-11-24T07:01:02.123Z",
        "level": "info",
        "event": "transfer ok",
        "run": "r1",
        "pid": os.getpid(),
        "logger": "fthg.load.job",
        "job": "orders",
        "size": 12,
        "code": None,
        "event_": "x",
    }


def test_a_duration_is_text_for_people_and_a_number_of_seconds_in_json() -> None:
    made = line(service=Seconds(0.0431234567))
    assert formats.untimed(made).endswith("service=43.1ms")
    assert json.loads(formats.as_json(made))["service"] == 0.043123


@pytest.mark.parametrize(
    ("level", "word", "column"),
    [
        (logging.ERROR, "error", "ERROR "),
        (logging.WARNING, "warning", "WARN  "),
        (logging.INFO, "info", "INFO  "),
        (logging.DEBUG, "debug", "DEBUG "),
        (TRACE, "trace", "TRACE "),
    ],
)
def test_every_level_has_a_name(level: int, word: str, column: str) -> None:
    made = line()._replace(level=level)
    assert formats.untimed(made) == f"{column}transfer ok"
    assert json.loads(formats.as_json(made))["level"] == word


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain/päth.txt", "plain/päth.txt"),
        ("", '""'),
        ("a=b", '"a=b"'),
        ('say "hi"', r'"say \"hi\""'),
        ("a\nERROR forged", r'"a\nERROR forged"'),
        ("\x1b[2J", r'"\x1b[2J"'),
        ("\x9b2J", r'"\x9b2J"'),
        ("a\u2028b", r'"a\u2028b"'),
        ("gnp\u202eexe", r'"gnp\u202eexe"'),
        ("caf\udce9", r'"caf\xe9"'),  # an undecodable byte of a file name
        (b"raw", "raw"),
        (["a", "b"], '"a, b"'),
        (float("nan"), "nan"),
        (ValueError("no"), '"ValueError: no"'),
    ],
)
def test_a_value_is_quoted_where_it_could_forge_a_line(value: object, shown: str) -> None:
    assert formats.untimed(line(x=value)) == f"INFO  transfer ok  x={shown}"


def test_a_mapping_becomes_fields_of_its_own() -> None:
    made = formats.untimed(line(phases={"waiting": 0.5, "a b\n": 1}))
    assert made.endswith("phases.waiting=0.5 phases.a_b_=1")


@given(ANY_TEXT, ANY_TEXT)
def test_whatever_is_logged_stays_on_one_line(event: str, value: str) -> None:
    record = Record("fthg", logging.INFO, event, {"x": value}, None)
    made = make_entry(record, str)
    for form in (formats.text, formats.as_json, formats.console):
        shown = form(made)
        assert len(shown.splitlines()) == 1
        assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Zl"}
        shown.encode()


@given(ANY_TEXT)
@example("\x7f\U000e0000")
def test_json_gives_back_what_was_logged(value: str) -> None:
    read = json.loads(formats.as_json(line(x=value)))["x"]
    if not any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        assert read == value


def test_a_traceback_is_one_line_in_files_and_several_on_the_console() -> None:
    try:
        raise RuntimeError("no\x1bway")
    except RuntimeError as error:
        record = Record("fthg", logging.ERROR, "broken", {}, error)
    made = make_entry(record, str)
    assert r"RuntimeError: no\x1bway" in formats.text(made)
    assert len(formats.text(made).splitlines()) == 1
    assert json.loads(formats.as_json(made))["traceback"].endswith("RuntimeError: no\x1bway")
    console = formats.console(made).splitlines()
    assert console[-1] == r"    RuntimeError: no\x1bway"
    assert all(row.startswith("    ") for row in console[1:])


def test_a_value_that_cannot_be_shown_does_no_harm() -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    assert formats.untimed(line(x=Broken())).endswith("x=<Broken>")


def test_a_value_is_bounded_and_the_mask_comes_before_the_cut() -> None:
    record = Record("fthg", logging.INFO, "e", {"x": "y" * 4090 + "secret" + "z" * 9999}, None)
    made = make_entry(record, lambda text: text.replace("secret", "***"))
    assert len(str(made.fields["x"])) == 4096
    assert "sec" not in str(made.fields["x"])


def test_a_long_value_without_a_secret_is_bounded_too() -> None:
    record = Record("fthg", logging.INFO, "e" * 5000, {"x": "y" * 5000, "n": 7, "s": "z"}, None)
    made = make_entry(record, str)
    assert (made.event, made.fields) == ("e" * 4096, {"x": "y" * 4096, "n": 7, "s": "z"})


def test_a_library_whose_arguments_do_not_fit_its_message_does_no_harm() -> None:
    record = logging.LogRecord("paramiko", logging.DEBUG, "", 0, "bad %d arguments", ("x",), None)
    assert formats.untimed(make_entry(record, str)) == "DEBUG bad %d arguments  logger=paramiko"
