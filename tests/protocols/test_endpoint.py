"""Reading where connections lead and where they come from."""

from __future__ import annotations

from typing import Any

import pytest
import voluptuous as vol

from fthg.config.tree import Text
from fthg.protocols.endpoint import Endpoint, endpoint, local_addresses


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("10.0.0.7:8443", Endpoint("10.0.0.7", 8443)),
        (" Files.Example.com:22 ", Endpoint("files.example.com", 22)),
        ("[2001:DB8::7]:443", Endpoint("2001:db8::7", 443)),
        ("[fe80::1%25eth0]:22", Endpoint("fe80::1%eth0", 22)),
    ],
)
def test_a_host_and_a_port_are_read(text: str, read: Endpoint) -> None:
    assert endpoint(Text(text)) == read


def test_it_is_shown_as_it_is_written() -> None:
    for text in ("10.0.0.7:8443", "[2001:db8::7]:443"):
        assert str(endpoint(Text(text))) == text


@pytest.mark.parametrize(
    "text",
    ["host", "host:", ":22", "host:0", "host:70000", "u@host:1", "host:1/x", "2001:db8::7:443", ""],
)
def test_anything_else_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(vol.Invalid) as caught:
        endpoint(Text(text))
    assert not text or "write host:port" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (Text("192.0.2.5"), ("192.0.2.5",)),
        ([Text("192.0.2.5"), Text("2001:db8::5")], ("192.0.2.5", "2001:db8::5")),
        (Text("fe80::1%eth0"), ("fe80::1%eth0",)),
    ],
)
def test_local_addresses_are_one_or_a_list(value: Any, read: tuple[str, ...]) -> None:
    assert local_addresses(value) == read


@pytest.mark.parametrize("text", ["eth0", "192.0.2", "192.0.2.5:80", "files.example.com", ""])
def test_names_and_ports_are_no_local_addresses(text: str) -> None:
    with pytest.raises(vol.Invalid):
        local_addresses(Text(text))
