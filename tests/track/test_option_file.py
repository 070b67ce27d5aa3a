"""Option files of the mysql client are read as the client reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
import voluptuous as vol

from fthg.track.option_file import option_file, option_file_tls
from fthg.track.tls import Tls


def _options(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "my.cnf"
    path.write_text(f"[client]\n{text}\n[mysqld]\nuser=other\n", encoding="utf-8")
    return dict(option_file(str(path)))


@pytest.mark.parametrize(
    ("written", "password"),
    [
        ("plain", "plain"),
        ('"p#1"', "p#1"),
        ("'p#1'  # old: p#0", "p#1"),
        ("p#1", "p"),
        ("'it''s'", "it''s"),
        ('"it\'s"', "it's"),
        ("a=b:c%d%%e", "a=b:c%d%%e"),
        (r"back\\slash\s\q", r"back\slash \q"),
        (r'"a\"#b"', 'a"#b'),
        (r'"a\\"#b', "a\\"),
        ("'", "'"),
        ("pä$ß€😀", "pä$ß€😀"),
        ("", ""),
    ],
)
def test_a_password_may_hold_any_character(tmp_path: Path, written: str, password: str) -> None:
    assert _options(tmp_path, f"password={written}")["password"] == password


def test_an_option_may_be_indented(tmp_path: Path) -> None:
    found = _options(tmp_path, "  user = u\n\tpassword = p\n# remark\n\n port=1\nssl_ca = /a")
    assert found == {"user": "u", "password": "p", "port": "1", "ssl-ca": "/a"}


@pytest.mark.parametrize(
    ("text", "tls"),
    [
        ("", Tls("preferred")),
        ("ssl-mode=DISABLED", Tls("disabled")),
        ("ssl_mode=Preferred", Tls("preferred")),
        ("ssl-mode=REQUIRED", Tls("required")),
        ("ssl-mode=VERIFY_CA\nssl-ca=/ca", Tls("verify_ca", "/ca")),
        ("ssl-mode=VERIFY_IDENTITY\nssl-ca=/ca", Tls("verify_identity", "/ca")),
        ("ssl-ca=/ca", Tls("verify_identity", "/ca")),
        ("ssl-cert=/c\nssl-key=/k", Tls("verify_identity", None, "/c", "/k")),
        ("skip-ssl", Tls("disabled")),
        ("ssl=0", Tls("disabled")),
        ("ssl", Tls("required")),
        ("ssl-verify-server-cert", Tls("verify_identity")),
        ("ssl-verify-server-cert=OFF", Tls("preferred")),
    ],
)
def test_the_modes_of_both_clients_are_understood(tmp_path: Path, text: str, tls: Tls) -> None:
    assert option_file_tls(_options(tmp_path, text)) == tls


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("ssl-mode=verify", "ssl-mode must be one of DISABLED, PREFERRED"),
        ("ssl-mode=REQUIRED\nssl-ca=/ca", "ca has no effect in mode required"),
    ],
)
def test_a_mode_that_cannot_be_is_an_error_that_names_the_file(
    tmp_path: Path, text: str, error: str
) -> None:
    with pytest.raises(vol.Invalid, match=error) as caught:
        _options(tmp_path, text)
    assert "my.cnf" in str(caught.value)
