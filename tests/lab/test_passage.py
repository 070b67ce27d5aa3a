from __future__ import annotations

import uuid

import pytest

from fthg.lab.passage import identify

ID = "0b5e7f0e-5c52-4f0e-9c2e-0d6f6b1f3a11"


def test_the_id_given_wins_over_the_one_in_the_name() -> None:
    other = str(uuid.uuid4())
    assert identify(f"{other}_a.csv", "http", ID).uuid == ID


@pytest.mark.parametrize(
    "name", [f"{ID}_a.csv", f"{ID.upper()}-a.csv", f"{ID.replace('-', '')}_a.csv"]
)
def test_a_name_that_holds_a_uuid_gives_it_and_is_recorded_without(name: str) -> None:
    found = identify(name, "sftp")
    assert (found.uuid, found.filename) == (ID, "a.csv")


def test_a_name_that_is_nothing_but_a_uuid_is_kept() -> None:
    assert identify(ID, "sftp").filename == ID


def test_without_any_uuid_there_is_a_new_one_each_time() -> None:
    first, second = identify("a.csv", "http", "order 66"), identify("a.csv", "http", "order 66")
    assert first.uuid != second.uuid
    assert first.filename == "a.csv"
