"""Names with an underscore are compared by fthg itself, and all else is verified as ever."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.protocols.http.underscores import check_name
from tests.servers.certificates import Authority, Pair, make_ca, server_certificate
from tests.servers.faulty import Conversation, faulty

from .jobs import failure, send, sender, transfer
from .ways import way


def answering(client: Conversation) -> None:
    while client.read_request():
        client.answer()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_are_resumed_and_an_unknown_authority_is_refused(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair, version: ssl.TLSVersion
) -> None:
    wild = server_certificate(ca, tmp_path, hosts=("*.example.com",))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = version
    with (
        faulty(answering, wild, context) as server,
        way("tunnel", str(ca.cert), certificate) as tunnel,
    ):
        url = f"https://a_b.example.com:{server.port}/"
        with sender(url, reuse=False, **tunnel.options) as made:
            for _ in range(3):
                assert made.send(transfer(small)).code == 200
        given = {**tunnel.options, "ca": str(make_ca(tmp_path, "other").cert)}
        assert "unknown CA" in failure(url, small, **given).detail
        plain = f"https://ab.other.com:{server.port}/"
        wrong = failure(plain, small, **tunnel.options).detail
        own = failure(plain.replace("ab", "a_b"), small, **tunnel.options).detail
    assert own == wrong.replace("ab.other", "a_b.other")
    assert "another name" in own
    assert "it is for *.example.com" in own


def test_an_underscore_may_stand_anywhere_in_the_name(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    wild = server_certificate(ca, tmp_path, hosts=("*.b_c.example.com",))
    with (
        faulty(answering, wild) as server,
        way("tunnel", str(ca.cert), certificate) as tunnel,
    ):
        url = f"https://a.b_c.example.com:{server.port}/"
        assert send(url, small, **tunnel.options).code == 200
        other = failure(url.replace("b_c", "b_d"), small, **tunnel.options)
    assert "another name" in other.detail


def fits(host: str, *names: str, common: str = "") -> bool:
    certificate: dict[str, Any] = {"subjectAltName": [("DNS", name) for name in names]}
    certificate["subject"] = ((("commonName", common),),)
    try:
        check_name(certificate, host)
    except ssl.SSLCertVerificationError:
        return False
    return True


_LABEL = st.text("ab_", min_size=1, max_size=3)


@given(st.lists(_LABEL, min_size=1, max_size=4), st.lists(_LABEL, min_size=1, max_size=4))
def test_a_wildcard_stands_for_one_label_of_three_or_more(host: list[str], name: list[str]) -> None:
    assert fits(".".join(host), ".".join(name)) == (host == name)
    wildcard = ".".join(["*", *name])
    assert fits(".".join(host), wildcard) == (host[1:] == name and len(name) > 1)


def test_the_common_name_counts_only_where_there_is_no_other() -> None:
    assert fits("A_b.example", common="a_B.example")
    assert not fits("a_b.example", "other.example", common="a_b.example")
