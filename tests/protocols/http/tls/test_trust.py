"""Jobs that trust the same share what is costly, and each shows its own certificate."""

from __future__ import annotations

import ssl
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from fthg.clock import Clock
from fthg.protocols.http.tls import trust
from fthg.protocols.http.tls.settings import TlsSettings, find_settings
from tests.servers.certificates import Authority, Pair, client_certificate, make_ca

from ..jobs import options, sender, transfer
from .identities import asking_server, issue, rsa_key


def test_jobs_show_their_own_certificates_in_turn_though_they_share_a_context(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    pairs = [client_certificate(ca, tmp_path, name) for name in ("first", "second", "third")]
    with asking_server(ca, certificate) as (server, seen), ExitStack() as stack:
        url = f"https://localhost:{server.port}/"
        clock = Clock()
        given = [{"cert": str(pair.cert), "key": str(pair.key)} for pair in pairs]
        jobs = [
            stack.enter_context(sender(url, clock, ca=str(ca.cert), reuse=False, **one))
            for one in given
        ]
        for _ in range(3):
            for job in jobs:
                assert job.send(transfer(small)).code == 200
        contexts = {find_settings(options(url, ca=str(ca.cert), **one), clock) for one in given}
        assert len(contexts) == 3
        assert len({one.current()._trust for one in contexts}) == 1
    assert seen == ["CN=first", "CN=second", "CN=third"] * 3


def settings(**given: Any) -> TlsSettings:
    return find_settings(options("https://localhost/", **given), CLOCK)


CLOCK = Clock()


def test_what_is_trusted_is_shared_by_jobs_that_trust_the_same(
    tmp_path: Path, ca: Authority
) -> None:
    pair = client_certificate(ca, tmp_path)
    copy, other = tmp_path / "copy.pem", make_ca(tmp_path, "other").cert
    copy.write_bytes(ca.cert.read_bytes())

    first = settings(ca=str(ca.cert))
    assert settings(ca=str(ca.cert)) is first
    shared = first.current()._trust
    same, *different = (
        settings(ca=str(copy)),
        settings(ca=str(other)),
        settings(ca=str(ca.cert), verify=False),
        settings(ca=str(ca.cert), cert=str(pair.cert), key=str(pair.key)),
        settings(ca=str(tmp_path)),
        settings(),
    )
    assert same.current()._trust is shared
    trusts = [one.current()._trust for one in different]
    assert len({shared, *trusts}) == 6


def test_certificates_of_different_kinds_share_no_context(tmp_path: Path, ca: Authority) -> None:
    # OpenSSL would keep both, and choose one of them.
    elliptic = client_certificate(ca, tmp_path)
    rsa, _ = issue(tmp_path / "rsa", ca, key=rsa_key())
    made = [settings(cert=str(pair.cert), key=str(pair.key)) for pair in (elliptic, rsa)]
    first, second = (one.current()._trust for one in made)
    assert first is not second


@pytest.mark.skipif(not hasattr(ssl, "_DEFAULT_CIPHERS"), reason="it is private")
def test_ciphers_are_those_of_openssl_itself_where_python_has_its_own_list() -> None:
    names = {cipher["name"] for cipher in settings().current()._trust.get_ciphers()}
    if trust._PYTHONS_OWN in ssl._DEFAULT_CIPHERS:
        assert {"AES256-SHA", "ECDHE-RSA-AES256-SHA"} <= names
    assert not any("NULL" in name or name.startswith(("ADH", "AECDH")) for name in names)
