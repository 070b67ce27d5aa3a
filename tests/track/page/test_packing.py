from __future__ import annotations

import base64
import gzip
import json
import random
import string
from itertools import repeat
from typing import Any

from fthg.track.outcomes import RESULTS
from fthg.track.page import packing
from fthg.track.tracked import Row, SentFile, Tracked
from tests.track.page import examples
from tests.track.page.examples import START


def unpack(chunk: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = json.loads(gzip.decompress(base64.b64decode(chunk)))
    return found


def test_columns_hold_every_transfer_in_order() -> None:
    some = examples.transfers(7_000)
    packed = packing.pack(some, START)
    chunks = [unpack(chunk) for chunk in packed.chunks]
    assert packed.rows == 7_000
    assert [len(chunk["uuid"]) for chunk in chunks] == [5_000, 2_000]
    found = [name for chunk in chunks for name in chunk["file"]]
    assert found == [transfer.filename for transfer in some]
    assert RESULTS[chunks[0]["result"][0]] == some[0].result


def test_times_are_steps_from_the_one_before_that_is_known() -> None:
    row = Row("x", "f", START + 10, None, None)
    sent = SentFile("x", "job", "f", 5, START + 7, START + 9, "ok", None)
    found = unpack(
        packing.pack([Tracked("failed", row, row._replace(end=START + 50), sent)], START).chunks[0]
    )
    names = ("ingress_start", "ingress_end", "egress_start", "egress_end", "sent_start", "sent_end")
    assert [found[name] for name in names] == [[10], [None], [0], [40], [-43], [2]]
    assert found["size"] == [5]


def test_a_uuid_loses_its_dashes_and_any_other_text_stays() -> None:
    uuid = "0f8fad5b-d9cb-469f-a165-70867728950e"
    rows = [Row(text, "f", START, None, None) for text in (uuid, "not-a-uuid", None)]
    found = unpack(packing.pack([Tracked("unpaired", row, None) for row in rows], START).chunks[0])
    assert found["uuid"] == [uuid.replace("-", ""), "not-a-uuid", None]


def test_a_status_that_is_empty_is_none_that_is_missing_nor_a_missing_row() -> None:
    rows = [Row("x", "f", START, None, status) for status in ("SUCCESS", "", None)]
    found = unpack(packing.pack([Tracked("unpaired", row, None) for row in rows], START).chunks[0])
    assert found["ingress_status"] == ["SUCCESS", "", 0]
    assert found["egress_status"] == [None, None, None]


def test_the_earliest_and_latest_time_of_any_row_are_known() -> None:
    row = Row("x", "f", START + 10, START + 90, None)
    early = row._replace(start=START - 500, end=None)
    packed = packing.pack([Tracked("passed", row, early)], START)
    assert (packed.first, packed.last) == (START - 500, START + 90)


def test_not_more_are_packed_than_a_browser_takes() -> None:
    row = Row("x", "f", START, None, None)
    assert packing.pack(repeat(Tracked("passed", row, row)), START).rows == 100_000


def test_packing_stops_before_the_page_grows_too_large() -> None:
    chance = random.Random(1)

    def name() -> str:
        return "".join(chance.choices(string.printable, k=400))

    rows = (Row("x", name(), START, None, None) for _ in range(40_000))
    packed = packing.pack((Tracked("passed", row, row) for row in rows), START)
    assert 0 < packed.rows < 40_000
    assert sum(map(len, packed.chunks)) <= packing.BUDGET
