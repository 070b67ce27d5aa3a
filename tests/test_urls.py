"""URLs taken apart."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fthg.urls import DEFAULT_PORTS, Url, parse, scheme_of, without_user_info


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("http://h", Url("http", None, None, "h", 80, "")),
        ("HTTPS://H.Example.c/Up?a=B#c", Url("https", None, None, "h.example.c", 443, "/Up?a=B#c")),
        ("sftp://ann@h/in", Url("sftp", "ann", None, "h", 22, "/in")),
        ("sftp://ann:@h/in", Url("sftp", "ann", "", "h", 22, "/in")),
        ("http://@h/", Url("http", "", None, "h", 80, "/")),
        ("http://:pw@h/", Url("http", "", "pw", "h", 80, "/")),
        ("http://a%40b:p%3A%2F@h:8080/", Url("http", "a@b", "p:/", "h", 8080, "/", True)),
        ("http://a:p:q@r@h/", Url("http", "a", "p:q@r", "h", 80, "/")),
        ("mysql://[2001:DB8::1]:99/db", Url("mysql", None, None, "2001:db8::1", 99, "/db", True)),
        ("http://[fe80::1%25Eth0]/", Url("http", None, None, "fe80::1%Eth0", 80, "/")),
        ("http://[fe80::1%25be%2D1]/", Url("http", None, None, "fe80::1%be-1", 80, "/")),
        ("http://[fe80::1%be1]/", Url("http", None, None, "fe80::1%be1", 80, "/")),
        ("http://[fe80::1%2525]/", Url("http", None, None, "fe80::1%25", 80, "/")),
        ("http://[fe80::1%25]/", Url("http", None, None, "fe80::1%25", 80, "/")),
        ("http://h:/x", Url("http", None, None, "h", 80, "/x")),
        ("http://h?q", Url("http", None, None, "h", 80, "?q")),
        ("gopher://h", Url("gopher", None, None, "h", 0, "")),
    ],
)  # fmt: skip
def test_a_url_has_parts(text: str, parts: Url) -> None:
    assert parse(text) == parts


def test_the_rest_has_parts_too() -> None:
    url = parse("http://h/a%20b?x={uuid}&y=/#top?")
    assert (url.path, url.query, url.fragment) == ("/a%20b", "x={uuid}&y=/", "top?")
    assert parse("http://h").path == parse("http://h").query == parse("http://h").fragment == ""
    assert parse("http://h?q").path == ""


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("http://h:80/", "h"),
        ("http://h:8080/", "h:8080"),
        ("https://u:p@H:80", "h:80"),
        ("http://[::1]:80/", "[::1]"),
        ("http://[fe80::1%25eth0]:81/", "[fe80::1%25eth0]:81"),
        ("gopher://h:70/", "h:70"),
    ],
)
def test_the_authority_leaves_out_user_and_usual_port(text: str, authority: str) -> None:
    assert parse(text).authority == authority


def test_others_do_not_see_the_zone() -> None:
    assert parse("http://[fe80::1%25eth0]:81/").without_zone().authority == "[fe80::1]:81"
    assert parse("http://h/").without_zone() == parse("http://h/")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "begins with a scheme"),
        ("h/in", "begins with a scheme"),
        ("://h", "begins with a scheme"),
        ("1a://h", "begins with a scheme"),
        ("http:///in", "names no host"),
        ("http://", "names no host"),
        ("http://u:p@/in", "names no host"),
        ("http://h:none/in", "from 1 to 65535"),
        ("http://h:0/in", "from 1 to 65535"),
        ("http://h:65536/in", "from 1 to 65535"),
        ("http://h:-1/in", "from 1 to 65535"),
        ("http://h:+1/in", "from 1 to 65535"),
        ("http://h:\N{SUPERSCRIPT TWO}/in", "from 1 to 65535"),
        ("http://[::1/in", "in brackets"),
        ("http://[::1]x/in", "in brackets"),
        ("http://::1/in", "in brackets"),
        ("http://[h]/in", "not an IPv6 address"),
        ("http://[]/in", "not an IPv6 address"),
        ("http://[::1%]/in", "not an IPv6 address"),
        ("http://[::1%25a b]/in", "not an IPv6 address"),
        ("http://a b/in", "no name can have"),
        ("http://{job}/in", "no name can have"),
        ("http://a%2Fb/in", "no name can have"),
        ("http://h/in\n", "control characters"),
    ],
)
def test_a_wrong_url_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "sftp://ann:hunter2/in",  # the host is missing
        "sftp://ann:123456789/in",
        "sftp://ann:hunter2:x/in",
        "sftp://ann:hunt/er2@h/in",  # a slash that is not encoded
        "sftp://ann:hunter2@h:99999/in",
        "sftp://[hunter2]/in",
        "sftp://ann:hunter2@a b/in",
        "sftp://ann:hunter2\n@h/in",
    ],
)
def test_no_error_quotes_what_may_be_a_password(text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is what is tested
        parse(text)
    assert not any(piece in str(caught.value) for piece in ("hunt", "er2", "123456789"))


def test_a_url_as_an_object_shows_its_server_only() -> None:
    url = parse("sftp://ann:hunter2@h/in?token=x")
    assert repr(url) == f"{url!s}" == "<Url sftp://h>"
    assert url.server == "h port 22"


HOSTS = st.one_of(
    st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
)
WORDS = st.one_of(st.none(), st.text(max_size=20))


@given(st.sampled_from(sorted(DEFAULT_PORTS)), WORDS, WORDS, HOSTS, st.integers(1, 65535))
@example("http", None, None, "h", 80)
def test_what_is_put_together_comes_apart_again(
    scheme: str, user: str, password: str, host: str, port: int
) -> None:
    words = "" if user is None else quote(user, safe="", errors="surrogatepass")
    if password is not None:
        words = f"{words}:{quote(password, safe='', errors='surrogatepass')}"
    info = "" if user is None and password is None else f"{words}@"
    shown = f"[{host}]" if ":" in host else host
    url = parse(f"{scheme}://{info}{shown}:{port}/in?x#y")
    assert (url.scheme, url.host, url.port, url.rest) == (scheme, host, port, "/in?x#y")
    if info:
        assert (url.user, url.password) == (user or "", password)
    named = port != DEFAULT_PORTS[scheme]  # the scheme's own port is left out
    bare = url._replace(user=None, password=None, has_port=named)
    assert parse(f"{scheme}://{url.authority}/in?x#y") == bare


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"http://u:p@h{text}"):
        with suppress(ValueError):
            assert parse(url).host


@given(st.text(st.sampled_from("ab:@/?#[]1.%{}"), max_size=12))
def test_the_standard_library_finds_the_same_server(text: str) -> None:
    try:
        url = parse(f"http://{text}")
        theirs = urlsplit(f"http://{text}")
        host, port = theirs.hostname, theirs.port
    except ValueError:
        return
    if "%" not in text:
        assert (url.host, url.port) == (host, port or 80)


def test_the_scheme_is_found_without_parsing() -> None:
    assert scheme_of("SFTP://h") == "sftp"
    assert scheme_of("h/in") == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ann:pw@h:8443/up", "https://h:8443/up"),
        ("sftp://ann@h/in", "sftp://h/in"),
        ("http://h/a@b", "http://h/a@b"),
        ("http://a@b@h/c@d", "http://h/c@d"),
        ("http://ann:pw@h:none/", "http://h:none/"),
        ("no url", "no url"),
    ],
)
def test_user_info_can_be_left_out(url: str, shown: str) -> None:
    assert without_user_info(url) == shown


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_needs_brackets(address: ipaddress.IPv6Address) -> None:
    assert parse(f"http://[{address}]/").host == str(address)
    with pytest.raises(ValueError, match="in brackets"):
        parse(f"http://{address}/")
