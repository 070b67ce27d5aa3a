from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.track.uuids import Key, UuidForm, key_of, show_key, spellings, uuid_form

FORMS = {
    "char(36)": None,
    "char(36) ci": "utf8mb4_general_ci",
    "varchar(255)": "latin1_bin",
    "longtext": "utf8mb4_0900_ai_ci",
    "binary(16)": None,
    "binary(45)": None,
    "varbinary(36)": None,
    "blob": None,
    "uuid": None,
}


def _form(name: str) -> UuidForm:
    form = uuid_form(name.partition(" ")[0], FORMS[name])
    assert form
    return form


@given(st.uuids(), st.sampled_from(sorted(FORMS)))
def test_every_spelling_of_a_uuid_is_the_same_key(uuid: UUID, name: str) -> None:
    found = list(spellings(uuid.bytes, _form(name)))
    assert {key_of(spelling) for spelling in found} == {uuid.bytes}
    assert len(set(found)) <= len(found) <= 12, "MariaDB makes a join of a long IN"


@given(
    st.uuids(),
    st.sampled_from(["{}", "{{{}}}", "urn:uuid:{}", "URN:UUID:{}", "urn:uuid:{{{}}}"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", " ", "\t", "\n  "]),
)
def test_dress_case_dashes_and_space_do_not_matter(
    uuid: UUID, dress: str, upper: bool, dashes: bool, space: str
) -> None:
    text = dress.format(str(uuid) if dashes else uuid.hex)
    text = f"{space}{text.upper() if upper else text}{space}"
    assert key_of(text) == key_of(text.encode()) == uuid.bytes
    assert show_key(key_of(text)) == str(uuid)


@given(st.uuids())
def test_a_column_is_asked_for_each_spelling_that_it_can_hold(uuid: UUID) -> None:
    plain = {str(uuid), str(uuid).upper(), uuid.hex, uuid.hex.upper()}
    braced = {f"{{{text}}}" for text in plain}
    urns = {f"urn:uuid:{uuid}", f"urn:uuid:{uuid}".upper(), f"urn:uuid:{str(uuid).upper()}"}
    wide = {text for text in plain | braced if len(text) <= 36}

    def asked(name: str) -> set[Key]:
        return set(spellings(uuid.bytes, _form(name)))

    assert asked("char(36)") == wide
    assert asked("varchar(255)") == plain | braced | urns
    assert asked("longtext") == {text for text in plain | braced | urns if text.islower()} or (
        not any(digit.isalpha() for digit in uuid.hex)
    )
    assert asked("binary(16)") == {uuid.bytes}
    assert asked("varbinary(36)") == {uuid.bytes, *(text.encode() for text in wide)}
    assert asked("binary(45)") == {text.encode().ljust(45, b"\0") for text in plain | braced | urns}
    assert asked("uuid") == {str(uuid)}


@pytest.mark.parametrize("kind", ["int(11)", "bigint unsigned", "datetime(6)", "json", "bit(1)"])
def test_other_types_hold_no_uuids(kind: str) -> None:
    assert uuid_form(kind, None) is None


@pytest.mark.parametrize(
    "text", ["", "x", "order-1", "0" * 31, "0" * 33, "g" * 32, "aa " * 10 + "aa"]
)
def test_what_is_no_uuid_stays_a_text(text: str) -> None:
    assert key_of(text) == text.strip()
    assert show_key(text) == text


def test_sixteen_letters_in_a_text_are_not_the_sixteen_bytes_of_a_uuid() -> None:
    assert key_of("ABCDEFGHIJKLMNOP") != key_of(b"ABCDEFGHIJKLMNOP")


def test_null_has_no_key() -> None:
    assert key_of(None) is None
    assert show_key(None) is None
