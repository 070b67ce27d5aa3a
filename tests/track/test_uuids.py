from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.track.uuids import key_of, show_key, spellings


@given(st.uuids())
def test_every_spelling_of_a_uuid_is_the_same_key(uuid: UUID) -> None:
    for binary in (False, True):
        for spelling in spellings([uuid.bytes], binary):
            assert key_of(spelling) == uuid.bytes
    assert key_of(f"  {str(uuid).upper()} ") == uuid.bytes
    assert show_key(uuid.bytes) == str(uuid)


@given(st.uuids())
def test_the_spellings_hold_every_usual_one(uuid: UUID) -> None:
    texts = {str(uuid), str(uuid).upper(), uuid.hex, uuid.hex.upper()}
    assert set(spellings([uuid.bytes], False)) == texts
    assert set(spellings([uuid.bytes], True)) == {uuid.bytes, *(text.encode() for text in texts)}


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
