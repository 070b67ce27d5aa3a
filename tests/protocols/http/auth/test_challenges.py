"""Challenges of servers, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.protocols.http.auth.challenges import parse_challenges, parse_parameters, quoted

_NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
_TEXTS = st.text([chr(code) for code in range(1, 256) if code not in (10, 13)], max_size=20)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["Basic realm=x"], [("basic", {"realm": "x"})]),
        (["Negotiate, NTLM"], [("negotiate", {}), ("ntlm", {})]),
        (["Negotiate YII/+=="], [("negotiate", {})]),
        (
            ['Digest realm="a, b", qop="auth,auth-int" , stale=TRUE, Basic realm="\\"x\\\\"'],
            [
                ("digest", {"realm": "a, b", "qop": "auth,auth-int", "stale": "TRUE"}),
                ("basic", {"realm": '"x\\'}),
            ],
        ),
        (
            ["Digest nonce=a/b==,algorithm=MD5", "Digest Nonce = c"],
            [("digest", {"nonce": "a/b==", "algorithm": "MD5"}), ("digest", {"nonce": "c"})],
        ),
        ([", ,Bearer"], [("bearer", {})]),
        (['Digest realm="without an end'], [("digest", {"realm": '"without'})]),
        ([""], []),
        (['realm="no scheme"'], []),
    ],
)
def test_challenges(values: list[str], found: list[tuple[str, dict[str, str]]]) -> None:
    read = parse_challenges(values)
    if "without" in values[0]:
        assert [each.scheme for each in read][:1] == ["digest"]
    else:
        assert [(each.scheme, each.parameters) for each in read] == found


def test_parameters() -> None:
    assert parse_parameters('nextnonce="a b", qop=auth') == {"nextnonce": "a b", "qop": "auth"}
    assert parse_parameters("") == {}


@given(st.lists(st.tuples(_NAMES, st.dictionaries(_NAMES, _TEXTS, max_size=4)), max_size=4))
def test_what_is_written_is_read(challenges: list[tuple[str, dict[str, str]]]) -> None:
    written = ", ".join(
        f"{scheme} " + ", ".join(f"{name}={quoted(text)}" for name, text in parameters.items())
        for scheme, parameters in challenges
    )
    read = parse_challenges([written])
    assert [(each.scheme, dict(each.parameters)) for each in read] == challenges


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    parse_challenges([text, text])
