from __future__ import annotations

import pytest

from fthg.log.address import Address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/dev/log", Address("unix", "/dev/log")),
        ("udp://logs.example.com", Address("udp", host="logs.example.com", port=514)),
        (" tcp://[::1]:6514 ", Address("tcp", host="::1", port=6514)),
    ],
)
def test_an_address_is_a_path_or_a_host_and_port(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "logs",
        "tls://h",
        "udp://",
        "udp://h:0",
        "udp://h:99999",
        "tcp://h/x",
        "tcp://u@h",
        "udp://[x",
    ],
)
def test_a_text_that_is_no_address_is_rejected_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it as /dev/log"):
        Address.parse(text)
