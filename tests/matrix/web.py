"""The requests that each HTTP server is tried with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .cell import Cell

NONE, BASIC, BEARER, OAUTH2 = "no credential", "basic", "bearer", "OAuth2"
DIGEST_MD5, DIGEST_SHA256 = "digest, MD5", "digest, SHA-256"
PEM, PKCS12 = "client certificate, PEM", "client certificate, PKCS#12"
ONE_PATH_12 = "client certificate for one path, TLS 1.2"
ONE_PATH_13 = "client certificate for one path, TLS 1.3"
ONE_PATH_LARGE = "client certificate for one path, 2 MiB, Expect: 100-continue"
TLS_12, TLS_13 = "TLS 1.2 only", "TLS 1.3 only"
OLD = "answers in HTTP/1.0"
CHUNKED, CONTINUE = "chunked body", "Expect: 100-continue"

REQUESTS = (
    NONE, BASIC, BEARER, OAUTH2, DIGEST_MD5, DIGEST_SHA256, PEM, PKCS12, ONE_PATH_12, ONE_PATH_13,
    ONE_PATH_LARGE, TLS_12, TLS_13, OLD, CHUNKED, CONTINUE,
)  # fmt: skip

TAKEN: Mapping[str, Sequence[str]] = {
    "nginx": (NONE, BASIC, BEARER, PEM, PKCS12, TLS_12, TLS_13, CHUNKED, CONTINUE),
    "Apache": (NONE, BASIC, DIGEST_MD5, PEM, PKCS12, ONE_PATH_12, ONE_PATH_13,
               ONE_PATH_LARGE, TLS_12, TLS_13, OLD, CHUNKED, CONTINUE),
    "lighttpd": (NONE, BASIC, DIGEST_MD5, DIGEST_SHA256, CHUNKED, CONTINUE),
    "Node": (NONE, BEARER, OAUTH2, CHUNKED, CONTINUE),
    "gunicorn": (NONE, BEARER, OAUTH2, PEM, PKCS12, CHUNKED, CONTINUE),
}  # fmt: skip
"""Server → the requests that it can ask for."""

WEB = [Cell(server, request) for server, requests in TAKEN.items() for request in requests]
