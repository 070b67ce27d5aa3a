"""The order in which connections try the addresses of a host."""

from __future__ import annotations

import socket
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.protocols.addresses import (
    AVOIDED,
    Address,
    AddressOrder,
    attempt_order,
    show_address,
    show_host,
)

from .names import SteppedClock

V4, V6 = socket.AF_INET, socket.AF_INET6


def v4(number: int) -> Address:
    return Address(V4, (f"192.0.2.{number}", 443))


def v6(number: int) -> Address:
    return Address(V6, (f"2001:db8::{number}", 443, 0, 0))


ADDRESSES = st.lists(
    st.builds(lambda make, n: make(n), st.sampled_from([v4, v6]), st.integers(1, 6)),
    min_size=1,
    unique=True,
)
TURNS = st.integers(0, 2**32)


def alternates(addresses: list[Address]) -> bool:
    """Two neighbours are of one family only where the other one is used up."""
    return all(
        one.family != other.family or all(late.family == one.family for late in addresses[at:])
        for at, (one, other) in enumerate(zip(addresses, addresses[1:]))
    )


@given(ADDRESSES, TURNS, st.sets(st.integers(0, 11)))
def test_every_address_is_tried_once_families_in_turn_and_failed_ones_last(
    addresses: list[Address], turn: int, numbers: set[int]
) -> None:
    failed = {address for at, address in enumerate(addresses) if at in numbers}
    order = attempt_order(addresses, turn, failed)
    assert Counter(order) == Counter(addresses)
    good = [address for address in order if address not in failed]
    assert list(order[: len(good)]) == good
    assert alternates(good)
    assert alternates(list(order[len(good) :]))


@given(ADDRESSES, TURNS)
def test_as_many_connections_in_a_row_as_there_are_addresses_begin_with_each_once(
    addresses: list[Address], turn: int
) -> None:
    firsts = [attempt_order(addresses, turn + n)[0] for n in range(len(addresses))]
    assert Counter(firsts) == Counter(addresses)


@given(ADDRESSES)
def test_the_first_connection_begins_where_the_system_would(addresses: list[Address]) -> None:
    assert attempt_order(addresses, 0)[0] == addresses[0]


def test_the_second_try_is_of_the_other_family() -> None:
    addresses = [v6(1), v6(2), v4(1), v4(2)]
    assert attempt_order(addresses, 0) == [v6(1), v4(1), v6(2), v4(2)]
    assert attempt_order(addresses, 1) == [v6(2), v4(1), v6(1), v4(2)]


def begun_with(order: AddressOrder, times: int, host: str = "files.example") -> list[Address]:
    return [order.next(host, 443, [v4(1), v4(2), v4(3)])[0] for _ in range(times)]


def test_rotate_begins_with_each_address_in_turn_for_every_host() -> None:
    order = AddressOrder("rotate", 0, SteppedClock())
    assert begun_with(order, 4) == [v4(1), v4(2), v4(3), v4(1)]
    assert begun_with(order, 1, "other.example") == [v4(1)]


def test_parts_of_a_job_begin_with_addresses_of_their_own() -> None:
    firsts = [begun_with(AddressOrder("rotate", part, SteppedClock()), 1) for part in range(3)]
    assert firsts == [[v4(1)], [v4(2)], [v4(3)]]


def test_first_begins_with_the_first_address_each_time() -> None:
    assert begun_with(AddressOrder("first", 2, SteppedClock()), 5) == [v4(1)] * 5


def test_random_begins_with_all_of_them_sooner_or_later() -> None:
    assert len(set(begun_with(AddressOrder("random", 0, SteppedClock()), 200))) == 3


def test_an_address_that_failed_is_tried_last_for_half_a_minute() -> None:
    clock = SteppedClock()
    order = AddressOrder("first", 0, clock)
    order.failed(v4(1))
    for moment, first in ((0, v4(2)), (AVOIDED - 1, v4(2)), (AVOIDED, v4(1))):
        clock.moment = moment
        assert begun_with(order, 1) == [first]


def test_a_second_failure_counts_from_then() -> None:
    clock = SteppedClock()
    order = AddressOrder("first", 0, clock)
    order.failed(v4(1))
    order.failed(v4(2))
    clock.moment = AVOIDED - 1
    order.failed(v4(1))
    clock.moment = AVOIDED
    assert begun_with(order, 1) == [v4(2)]
    clock.moment = 2 * AVOIDED - 1
    assert begun_with(order, 1) == [v4(1)]


def test_an_address_that_connects_again_is_tried_in_its_turn() -> None:
    order = AddressOrder("first", 0, SteppedClock())
    order.failed(v4(1))
    order.connected(v4(1))
    assert begun_with(order, 1) == [v4(1)]


def test_the_turns_of_a_failed_address_go_to_the_others_alike() -> None:
    order = AddressOrder("rotate", 0, SteppedClock())
    order.failed(v4(2))
    assert Counter(begun_with(order, 100)) == {v4(1): 50, v4(3): 50}


@pytest.mark.parametrize(
    ("sockaddr", "host", "whole"),
    [
        (("192.0.2.1", 443), "192.0.2.1", "192.0.2.1:443"),
        (("2001:db8::1", 443, 0, 0), "2001:db8::1", "[2001:db8::1]:443"),
        (("fe80::1", 22, 0, socket.if_nametoindex("lo")), "fe80::1%lo", "[fe80::1%lo]:22"),
        (("fe80::1", 22, 0, 9_999_999), "fe80::1%9999999", "[fe80::1%9999999]:22"),
    ],
)
def test_addresses_are_written_as_in_urls_and_name_their_zone(
    sockaddr: tuple[object, ...], host: str, whole: str
) -> None:
    assert (show_host(sockaddr), show_address(sockaddr)) == (host, whole)
