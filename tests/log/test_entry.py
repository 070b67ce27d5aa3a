from __future__ import annotations

import logging

from hypothesis import given
from hypothesis import strategies as st

from fthg.log.entry import make_entry
from fthg.log.events import Record
from fthg.log.masks import Masks

SECRET = 'a+"b'
"""A secret that looks different in a URL, in a form, in JSON and in HTML."""

PIECES = (
    "a+\"b", "a%2B%22b", "a%2B%2522b", 'a+\\"b', "a%2B\\\\\\\"b", "a+&quot;b", "a%2b&#34;b",
    "+", "%", "%2", "\\", "&", "&quot", "\n", "a", 'a+"', "b", "%41", "%2541", "ä", " ",
)  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map("".join), min_size=1, max_size=4))
def test_what_stands_beside_a_text_does_not_change_how_it_is_masked(texts: list[str]) -> None:
    mask = Masks([SECRET, "b&"])
    fields = {f"f{number}": text for number, text in enumerate(texts)}
    entry = make_entry(Record("fthg.test", logging.INFO, texts[0], dict(fields), None), mask)
    assert entry.event == mask(texts[0])
    assert entry.fields == {name: mask(text) for name, text in fields.items()}
