"""UUIDs with their bytes in another order; test_hints.py has the ledger's side of it."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.track.uuid_orders import ORDERS, Order

SWAPPED, GUID = ORDERS


@pytest.mark.parametrize("order", ORDERS)
@given(st.binary(min_size=16, max_size=16))
def test_each_order_can_be_undone(order: Order, key: bytes) -> None:
    assert order.undo(order.make(key)) == key
    assert sorted(order.make(key)) == sorted(key)


def test_the_swapped_order_is_that_of_mysql() -> None:
    # The example of MySQL's manual for UUID_TO_BIN with and without the swap flag.
    key = UUID("6ccd780c-baba-1026-9564-5b8c656024db").bytes

    assert SWAPPED.make(key).hex() == "1026baba6ccd780c95645b8c656024db"


@given(st.uuids())
def test_the_order_of_guids_is_that_of_windows(uuid: UUID) -> None:
    assert GUID.make(uuid.bytes) == uuid.bytes_le
