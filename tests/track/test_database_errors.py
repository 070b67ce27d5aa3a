"""Texts of errors: what the server said, and the remedy."""

from __future__ import annotations

import ssl

import pymysql
import pytest

from fthg.track.database_errors import describe
from fthg.track.side import Side
from fthg.track.tls import Tls

PLAIN = Side("ingress", "h", "u", "d")


def test_the_text_of_a_server_is_cut_after_1000_characters() -> None:
    error = pymysql.err.OperationalError(1064, "x" * 100_000)
    assert describe(error, PLAIN, encrypted=False) == f"error 1064: {'x' * 1000}…"


def test_an_error_that_is_not_the_servers_is_cut_too() -> None:
    text = describe(ValueError("y" * 5000), PLAIN, encrypted=False)
    assert len(text) == 1001
    assert text.startswith("ValueError: yyy")


@pytest.mark.parametrize(
    ("tls", "encrypted", "remedy"),
    [
        (Tls("disabled"), False, "an account with REQUIRE SSL needs tls: required"),
        (Tls(), True, "an account with REQUIRE X509 needs tls: {cert, key}"),
        (Tls(cert="c.pem"), True, "check user, password and the certificate of tls.cert"),
    ],
)
def test_a_refused_login_names_what_may_be_missing(tls: Tls, encrypted: bool, remedy: str) -> None:
    error = pymysql.err.OperationalError(1045, "Access denied for user 'u'")
    text = describe(error, Side("ingress", "h", "u", "d", tls=tls), encrypted=encrypted)
    assert remedy in text
    assert "check user" in text


def _failed(cause: Exception) -> str:
    """Describe what PyMySQL makes of an OSError in connect()."""
    error = pymysql.err.OperationalError(2003, f"Can't connect to MySQL server on 'h' ({cause})")
    error.original_exception = cause  # type: ignore[attr-defined]
    return describe(error, PLAIN, encrypted=True)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (10, "renew the server's certificate"),
        (18, "name the CA"),
        (19, "name the CA"),
        (20, "name the CA"),
        (62, "verify_ca"),
        (64, "verify_ca"),
    ],
)
def test_a_bad_certificate_is_called_so(code: int, remedy: str) -> None:
    cause = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED]")
    cause.verify_code, cause.verify_message = code, "why"
    text = _failed(cause)
    assert text.startswith("error 2026: the server's certificate is not accepted: why (")
    assert remedy in text
    assert "firewall" not in text


def test_any_other_failure_of_tls_is_called_so() -> None:
    cause = ssl.SSLError(1, "[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol (_ssl.c:1129)")
    assert _failed(cause).startswith("error 2026: TLS failed: ")


def test_a_server_that_is_not_there_is_a_matter_of_the_network() -> None:
    assert "check host, port and firewall" in _failed(ConnectionRefusedError(111, "refused"))
