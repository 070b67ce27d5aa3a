from __future__ import annotations

import base64

import pytest
import voluptuous as vol

from fthg.errors import TransferError
from fthg.protocols.proxy import ascii_name, parse_proxy, proxy


@pytest.mark.parametrize(
    ("text", "shown", "port"),
    [
        ("proxy.example.com:3128", "http://proxy.example.com:3128", 3128),
        ("http://proxy.example.com/", "http://proxy.example.com", 80),
        ("https://proxy.example.com", "https://proxy.example.com", 443),
        ("SOCKS5://Proxy.example.com", "socks5://proxy.example.com", 1080),
        ("socks5h://u:p@[2001:db8::1]:9050", "socks5h://[2001:db8::1]:9050", 9050),
    ],
)
def test_urls_of_proxies(text: str, shown: str, port: int) -> None:
    read = parse_proxy(proxy(text))
    assert (read.shown, read.server.port) == (shown, port)


@pytest.mark.parametrize("scheme", ["socks4", "socks4a", "socks", "ftp"])
def test_another_scheme_is_an_error_that_lists_the_schemes(scheme: str) -> None:
    with pytest.raises(vol.Invalid, match="proxies are of http, https, socks5 or socks5h; write"):
        proxy(f"{scheme}://proxy:1")


@pytest.mark.parametrize(
    "text",
    ["", "http://", "http://proxy:99999", "http://proxy/path", "http://proxy?q", "http://a b"],
)
def test_what_is_no_url_of_a_proxy_is_an_error_with_an_example(text: str) -> None:
    with pytest.raises(vol.Invalid):
        proxy(text)


@pytest.mark.parametrize(
    "user_info", ["u:" + "p" * 256, "u" * 256 + ":p", "u:" + "%C3%A9" * 128, ":p"]
)
def test_user_and_password_must_fit_into_socks5(user_info: str) -> None:
    assert proxy(f"http://{user_info}@proxy:1")
    assert proxy("socks5://" + "u" * 255 + ":" + "%C3%A9" * 127 + "@proxy:1")
    with pytest.raises(vol.Invalid, match="SOCKS5 takes"):
        proxy(f"socks5://{user_info}@proxy:1")


def test_basic_credentials_are_decoded_and_go_as_utf8() -> None:
    line = parse_proxy("http://j%C3%BCrgen:geh%3A%40im@proxy").authorization
    pair = base64.b64encode("jürgen:geh:@im".encode()).decode()
    assert line == f"Proxy-Authorization: Basic {pair}\r\n"
    assert not parse_proxy("http://proxy").authorization


def test_names_go_over_the_network_in_ascii() -> None:
    assert ascii_name("bücher.example") == "xn--bcher-kva.example"
    assert ascii_name("fe80::1%eth0") == "fe80::1"
    with pytest.raises(TransferError, match=r"^name: "):
        ascii_name("é" * 70)
