"""Local addresses, in turn for each address of a server."""

from __future__ import annotations

import socket

import pytest

from fthg.errors import StartError, TransferError
from fthg.protocols.addresses import Address
from fthg.protocols.sources import Sources, bind

ONE, TWO = (Address(socket.AF_INET, (f"192.0.2.{number}", 443)) for number in (1, 2))
SIX = Address(socket.AF_INET6, ("2001:db8::1", 443, 0, 0))


def turns(sources: Sources, *addresses: Address) -> list[str]:
    return [str(sources.next(address)) for address in addresses]


def test_without_any_the_system_chooses() -> None:
    assert Sources(()).next(ONE) is None
    assert Sources(()).reachable([ONE, SIX], "h", 443) == [ONE, SIX]


def test_each_address_of_a_server_sees_all_of_them_in_turn() -> None:
    sources = Sources(["127.0.0.2", "127.0.0.3"])
    assert turns(sources, ONE, TWO, ONE, TWO, ONE) == [
        "127.0.0.2",
        "127.0.0.2",
        "127.0.0.3",
        "127.0.0.3",
        "127.0.0.2",
    ]


def test_each_part_of_a_job_begins_elsewhere() -> None:
    assert turns(Sources(["127.0.0.2", "127.0.0.3"], 1), ONE, ONE) == ["127.0.0.3", "127.0.0.2"]


def test_only_addresses_of_a_family_of_theirs_are_tried() -> None:
    sources = Sources(["127.0.0.2"])
    assert sources.reachable([SIX, ONE], "h", 443) == [ONE]
    with pytest.raises(TransferError) as caught:
        sources.reachable([SIX], "files.example", 443)
    assert caught.value.kind == "unreachable"
    assert caught.value.detail == (
        "files.example port 443: source has no address of the family of 2001:db8::1, only 127.0.0.2"
    )


def test_both_families_take_their_own_turns() -> None:
    sources = Sources(["127.0.0.2", "::1", "127.0.0.3"])
    assert turns(sources, ONE, SIX, ONE, SIX) == ["127.0.0.2", "::1", "127.0.0.3", "::1"]


def test_a_zone_names_its_interface() -> None:
    assert str(Sources([f"::1%{socket.if_nametoindex('lo')}"])) == "::1%lo"


@pytest.mark.parametrize("host", ["127.0.0.2", "::1"])
def test_the_port_is_chosen_on_connecting(host: str) -> None:
    """Each server can so be reached from every port, and not all servers from all ports once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as made:
        bind(made, Address(family, (host, 0)))
        assert made.getsockname()[:2] == (host, 0)


@pytest.mark.parametrize("text", ["192.0.2.5", "2001:db8::5"])
def test_an_address_that_this_host_does_not_have_is_no_start(text: str) -> None:
    with pytest.raises(StartError) as caught:
        Sources(["127.0.0.1", text])
    assert str(caught.value) == (
        f"source: {text}: this host has no such address; "
        f"add it with: ip address add {text} dev INTERFACE"
    )


def test_a_zone_that_is_no_interface_is_no_start() -> None:
    with pytest.raises(StartError, match="source: fe80::1%nowhere: "):
        Sources(["fe80::1%nowhere"])
