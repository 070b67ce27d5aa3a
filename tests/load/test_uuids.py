from __future__ import annotations

import uuid
from itertools import islice

from fthg.load.uuids import uuids


def test_each_is_another_random_uuid_in_canonical_form() -> None:
    made = list(islice(uuids(), 1000))
    read = [uuid.UUID(text) for text in made]
    assert len(set(made)) == 1000
    assert [str(one) for one in read] == made
    assert {(one.version, one.variant) for one in read} == {(4, uuid.RFC_4122)}


def test_every_digit_that_may_vary_does() -> None:
    digits = zip(*islice(uuids(), 1000))
    seen = [len(set(column)) for column in digits]
    assert [place for place, kinds in enumerate(seen) if kinds == 1] == [8, 13, 14, 18, 23]
    assert seen[19] == 4
