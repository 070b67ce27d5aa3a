"""Hosts that fthg compares itself, names with an underscore and addresses; all else is verified."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from fthg.protocols.http.tls.host_names import check_host
from tests.servers.certificates import Authority, Pair, make_ca, server_certificate
from tests.servers.faulty import Conversation, faulty

from ..jobs import failure, send, sender, transfer
from ..ways import way
from .identities import issue


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
        check_host(certificate, host)
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


ADDRESSES = (("127.0.0.1", "127.0.0.2"), ("::1", "::2"))


@pytest.mark.parametrize(("address", "other"), ADDRESSES)
def test_an_address_is_found_among_the_others_of_a_certificate(
    tmp_path: Path, small: Path, ca: Authority, address: str, other: str
) -> None:
    right = server_certificate(ca, tmp_path, "right", hosts=("example.com", other, address))
    wrong = server_certificate(ca, tmp_path, "wrong", hosts=(other, f"x{address[-3:]}"))
    shown = f"[{address}]" if ":" in address else address
    with faulty(answering, right, address=address) as server:
        assert send(f"https://{shown}:{server.port}/", small, ca=str(ca.cert)).code == 200
    with faulty(answering, wrong, address=address) as server:
        error = failure(f"https://{shown}:{server.port}/", small, ca=str(ca.cert))
    assert "IP address mismatch" in error.detail
    assert f"it is for {other}" in error.detail


@pytest.mark.parametrize("name", ["127.0.0.1", "127.0.0.2"])
def test_an_address_may_be_the_common_name_of_a_certificate_without_others(
    tmp_path: Path, small: Path, ca: Authority, name: str
) -> None:
    pair, _ = issue(tmp_path / name, ca)
    with faulty(answering, pair) as server:
        url = f"https://127.0.0.1:{server.port}/"
        if name == "127.0.0.1":
            assert send(url, small, ca=str(ca.cert)).code == 200
        else:
            assert "IP address mismatch" in failure(url, small, ca=str(ca.cert)).detail


def test_a_common_name_that_is_an_address_counts_only_where_there_is_no_other() -> None:
    assert fits("10.0.0.7", common="10.0.0.7")
    assert not fits("10.0.0.7", "files.example.com", common="10.0.0.7")
    assert not fits("10.0.0.7", "10.0.0.7")  # as a name it is none
    assert not fits("10.0.0.7", common="*.0.0.7")
    assert not fits("10.0.0.7", common="")


def test_an_address_that_stands_among_the_names_is_pointed_out(
    tmp_path: Path, small: Path, ca: Authority
) -> None:
    names = x509.SubjectAlternativeName([x509.DNSName("127.0.0.1")])
    pair, _ = issue(tmp_path / "server", ca, names=names)
    with faulty(answering, pair) as server:
        error = failure(f"https://127.0.0.1:{server.port}/", small, ca=str(ca.cert))
    assert "'127.0.0.1'; it is for 127.0.0.1 (as a name, not as an address)" in error.detail
