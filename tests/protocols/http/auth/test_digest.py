"""The values of digest authentication, as RFC 7616 and its errata compute them."""

from __future__ import annotations

import hashlib
import re

import pytest

from fthg.protocols.http.auth.challenges import Challenge, parse_challenges, parse_parameters
from fthg.protocols.http.auth.digest import Digest, UnusableError, strongest

NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"


def challenge(**given: str) -> Challenge:
    return Challenge("digest", {"realm": "http-auth@example.org", "nonce": NONCE, **given})


def words(value: str) -> dict[str, str]:
    assert value.startswith("Digest ")
    return dict(parse_parameters(value[7:]))


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_the_standard(algorithm: str, response: str) -> None:
    asked = challenge(qop="auth, auth-int", algorithm=algorithm, opaque=OPAQUE)
    value = Digest(asked, "Mufasa", CNONCE).value("GET", "/dir/index.html", "Circle of Life")
    assert words(value) == {
        "username": "Mufasa",
        "realm": "http-auth@example.org",
        "uri": "/dir/index.html",
        "algorithm": algorithm,
        "nonce": NONCE,
        "nc": "00000001",
        "cnonce": CNONCE,
        "qop": "auth",
        "response": response,
        "opaque": OPAQUE,
    }
    assert re.search(r"qop=auth, nc=00000001, ", value), "some servers want these unquoted"


def test_the_example_of_the_first_standard_has_no_qop() -> None:
    asked = Challenge("digest", {"realm": "testrealm@host.com", "nonce": "dcd98b7102dd2f0e"})
    said = words(Digest(asked, "Mufasa", "x").value("GET", "/dir/index.html", "CircleOfLife"))
    assert not {"qop", "nc", "cnonce", "algorithm"} & said.keys()
    first = hashlib.md5(b"Mufasa:testrealm@host.com:CircleOfLife").hexdigest()
    second = hashlib.md5(b"GET:/dir/index.html").hexdigest()
    whole = hashlib.md5(f"{first}:dcd98b7102dd2f0e:{second}".encode()).hexdigest()
    assert said["response"] == whole


def test_the_key_of_a_session_holds_both_nonces() -> None:
    asked = challenge(qop="auth", algorithm="MD5-sess")
    said = words(Digest(asked, "u", "mine").value("PUT", "/x?y=1", "p"))
    login = hashlib.md5(b"u:http-auth@example.org:p").hexdigest()
    first = hashlib.md5(f"{login}:{NONCE}:mine".encode()).hexdigest()
    second = hashlib.md5(b"PUT:/x?y=1").hexdigest()
    text = f"{first}:{NONCE}:00000001:mine:auth:{second}"
    assert said["response"] == hashlib.md5(text.encode()).hexdigest()


def test_each_request_has_the_next_count_and_a_new_password_counts_at_once() -> None:
    made = Digest(challenge(qop="auth"), "u", "c")
    values = [words(made.value("PUT", "/", password)) for password in ("p", "p", "new", "p")]
    assert [each["nc"] for each in values] == ["00000001", "00000002", "00000003", "00000004"]
    fresh = Digest(challenge(qop="auth"), "u", "c")
    for _ in range(2):
        fresh.value("PUT", "/", "new")
    assert words(fresh.value("PUT", "/", "new"))["response"] == values[2]["response"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, 'username="j\u00e4s\\"\u00f8n"'),
        ({"charset": "UTF-8"}, "username*=UTF-8''j%C3%A4s%22%C3%B8n"),
        ({"userhash": "true"}, "userhash=true"),
    ],
)
def test_names_beyond_ascii(given: dict[str, str], wanted: str) -> None:
    value = Digest(challenge(qop="auth", algorithm="SHA-256", **given), 'jäs"øn', "c").value(
        "PUT", "/", "Sësam"
    )
    assert wanted in value
    if "userhash" in given:
        name = hashlib.sha256('jäs"øn:http-auth@example.org'.encode()).hexdigest()
        assert f'username="{name}"' in value


def test_the_strongest_that_can_be_answered_is_taken() -> None:
    asked = parse_challenges(
        [
            "Basic realm=x, Digest nonce=1, qop=auth-int, algorithm=SHA-256, Digest nonce=2",
            'Digest nonce=3, algorithm=SHA-256-sess, qop="auth", Digest nonce=4, algorithm=TEA',
        ]
    )
    found = strongest(asked)
    assert found is not None
    assert found.parameters["nonce"] == "3"
    assert strongest(asked[:1]) is None
    assert strongest([]) is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"qop": "auth-int"}, "qop=auth-int"),
        ({"qop": "auth", "algorithm": "TEA"}, "TEA is unknown"),
        ({"qop": "auth", "nonce": ""}, "no nonce"),
        ({"algorithm": "MD5-sess"}, "without qop"),
    ],
)
def test_a_challenge_that_cannot_be_answered(given: dict[str, str], words: str) -> None:
    with pytest.raises(UnusableError, match=words):
        strongest([challenge(**given)])
