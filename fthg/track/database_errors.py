"""Describes errors of databases: number, the server's text, and the remedy."""

from __future__ import annotations

import ssl
from typing import Optional

import pymysql
from pymysql.constants import CR, ER

from .side import Side

_LONGEST = 1000  # characters; a server may send 16 MiB

_REMEDIES = {
    1044: "GRANT SELECT on the table to this user",
    1049: "check the name of the database",
    1054: "map names that differ with columns:",
    1142: "GRANT SELECT on the table to this user",
    1146: "check the name of the table",
    2003: "check host, port and firewall",
    2026: "check tls:, or switch TLS on at the server",
    3159: "set tls: required",
}

_X509 = {
    10: "renew the server's certificate",  # it has expired
    62: "write the host as the certificate has it, or tls: {mode: verify_ca, ca: FILE}",
    64: "write the host as the certificate has it, or tls: {mode: verify_ca, ca: FILE}",
}
"""OpenSSL's numbers of reasons → remedy."""
_UNTRUSTED = (
    "name the CA that signed it with tls: {ca: FILE}, and mode: verify_ca if it has no name"
)


def describe(error: Exception, side: Side, *, encrypted: bool) -> str:
    """Return an error as one text with its remedy; `encrypted`: TLS was on when it happened."""
    number, text, remedy = _parts(error)
    if number == ER.ACCESS_DENIED_ERROR:
        remedy = _remedy_for_login(side, encrypted)
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}…"
    shown = f"error {number}: {text}" if number else text
    return f"{shown} ({remedy})" if remedy else shown


def _parts(error: Exception) -> tuple[int, str, Optional[str]]:
    cause = getattr(error, "original_exception", error)  # PyMySQL makes a 2003 of every OSError
    if isinstance(cause, ssl.SSLCertVerificationError):
        text = f"the server's certificate is not accepted: {cause.verify_message}"
        return CR.CR_SSL_CONNECTION_ERROR, text, _X509.get(cause.verify_code, _UNTRUSTED)
    if isinstance(cause, ssl.SSLError):
        number = CR.CR_SSL_CONNECTION_ERROR
        return number, f"TLS failed: {getattr(cause, 'reason', None) or cause}", _REMEDIES[number]
    arguments = error.args
    if isinstance(error, pymysql.err.MySQLError) and len(arguments) >= 2:
        number = int(arguments[0])
        return number, str(arguments[1]) or "the connection is lost", _REMEDIES.get(number)
    return 0, f"{type(error).__name__}: {error}".rstrip(": "), None


def _remedy_for_login(side: Side, encrypted: bool) -> str:
    if not encrypted:
        return "check user and password; an account with REQUIRE SSL needs tls: required"
    if not side.tls.cert:
        return "check user and password; an account with REQUIRE X509 needs tls: {cert, key}"
    return "check user, password and the certificate of tls.cert"
