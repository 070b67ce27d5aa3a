"""Warnings of certificates that have expired, or will before a job ends."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple, Optional

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.protocols.http.tls.expiry import expiry
from tests.servers.certificates import Authority

from ..jobs import options
from .identities import certificate_of, issue, write_der, write_pkcs12

HOUR = 3600 * SECOND
NOW = time.time_ns()


def warnings(until: Optional[int] = None, now: int = NOW, **given: Any) -> list[str]:
    return list(options("https://localhost/", **given).expiries(now, until))


class Client(NamedTuple):
    """A certificate that is valid from a day before it was made to ten hours after that."""

    certificate: x509.Certificate
    made: int  # nanoseconds since 1970


@pytest.fixture(scope="module")
def client(ca: Authority, tmp_path_factory: pytest.TempPathFactory) -> Client:
    life = (timedelta(days=-1), timedelta(hours=10))
    pair, _ = issue(tmp_path_factory.mktemp("client") / "client", ca, life=life)
    return Client(certificate_of(pair), time.time_ns())


@given(now=st.integers(-100, 100), hours=st.none() | st.integers(0, 100))
def test_there_is_a_warning_unless_it_is_valid_for_the_whole_job(
    client: Client, now: int, hours: Optional[int]
) -> None:
    at = client.made + now * HOUR + 1800 * SECOND
    text = expiry(
        client.certificate, "cert: c.pem", at, None if hours is None else at + hours * HOUR
    )
    lasts = 24 if hours is None else hours
    if now >= 10:
        assert "has expired" in str(text)
    elif now < -24:
        assert "is not valid yet" in str(text)
    elif now + lasts >= 10:
        when = "within a day" if hours is None else "before the job ends"
        assert f"expires {when}" in str(text)
    else:
        assert text is None


def test_it_names_file_subject_and_moment(tmp_path: Path, ca: Authority) -> None:
    pair, _ = issue(tmp_path / "client", ca, life=(timedelta(days=-1), timedelta(hours=10)))
    end = datetime.now(timezone.utc) + timedelta(hours=10)
    (warning,) = warnings(cert=str(pair.cert), key=str(pair.key))
    assert warning.startswith(f"cert: {pair.cert} (CN=client) expires within a day: it is valid")
    assert f"{end:%Y-%m-%d %H:}" in warning
    assert warning.endswith(" UTC")


def test_every_form_of_a_certificate_is_looked_at(tmp_path: Path, ca: Authority) -> None:
    pair, _ = issue(tmp_path / "client", ca, life=(timedelta(days=-2), timedelta(days=-1)))
    bundle = write_pkcs12(tmp_path / "x.p12", pair, "secret")
    both = tmp_path / "both.pem"
    both.write_bytes(pair.key.read_bytes() + pair.cert.read_bytes())
    for path in (pair.cert, bundle, both, write_der(pair).cert):
        (warning,) = warnings(cert=str(path), passphrase="secret")
        assert "(CN=client) has expired" in warning


def test_an_authority_that_has_expired_is_reported_if_there_is_no_other(
    tmp_path: Path, ca: Authority
) -> None:
    old, _ = issue(tmp_path / "old", ca, life=(timedelta(days=-2), timedelta(days=-1)))
    (warning,) = warnings(ca=str(old.cert))
    assert warning.startswith(f"ca: {old.cert} (CN=old) has expired")
    both = tmp_path / "both.pem"
    both.write_bytes(old.cert.read_bytes() + ca.cert.read_bytes())
    assert warnings(ca=str(both)) == []
    assert warnings(ca=str(tmp_path)) == []


def test_what_cannot_be_read_is_not_reported_here(tmp_path: Path) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for path in (junk, tmp_path / "absent.pem"):
        assert warnings(cert=str(path), key=str(path)) == []
