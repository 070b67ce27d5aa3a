"""The hint of a refused login at one that would be accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

import pytest

from tests.servers.faulty import Conversation, faulty

from ..jobs import failure

BASIC = {"basic": {"user": "u", "password": "geheim"}}


@pytest.mark.parametrize(
    ("asked", "auth", "hint"),
    [
        ('Digest realm="x", nonce="1", qop="auth"', BASIC, ", give auth: {digest: "),
        ('Basic realm="x"', {"bearer": "geheim"}, ", give auth: {basic: "),
        ('Basic realm="x"', {"digest": BASIC["basic"]}, ", give auth: {basic: "),
        ('Basic realm="x"', None, ", give auth: {basic: "),
        ("Bearer", BASIC, ", give auth: {bearer: "),
        ("Negotiate, NTLM", BASIC, ", fthg has no Negotiate (Kerberos) and no NTLM)"),
        ('Negotiate, Basic realm="x"', BASIC, 'Basic realm="x"):'),
        ("Bearer", {"bearer": "geheim"}, "(WWW-Authenticate: Bearer):"),
        ("Own", {"bearer": "geheim"}, "(WWW-Authenticate: Own):"),
    ],
)
def test_a_refused_login_names_the_one_that_helps(
    small: Path, asked: str, auth: Optional[dict[str, Any]], hint: str
) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer("401 Unauthorized", b"no", f"WWW-Authenticate: {asked}")

    given = {} if auth is None else {"auth": auth}
    with faulty(script) as server:
        error = failure(server.url, small, **given)
    assert (error.kind, error.code) == ("status", 401)
    assert hint in error.detail
    assert "geheim" not in error.detail


@pytest.mark.parametrize("way", ["URL", "header"])
def test_a_login_that_was_given_is_not_asked_for_again(small: Path, way: str) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.answer("401 Unauthorized", b"no", 'WWW-Authenticate: Basic realm="x"')

    with faulty(script) as server:
        if way == "URL":
            error = failure(server.url.replace("//", "//u:geheim@"), small)
        else:
            error = failure(server.url, small, headers={"authorization": "Basic dTpnZWhlaW0="})
    assert '(WWW-Authenticate: Basic realm="x"): no' in error.detail
