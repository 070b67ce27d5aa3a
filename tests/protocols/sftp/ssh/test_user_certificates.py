from __future__ import annotations

import base64
import contextlib
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.protocols.sftp.ssh.private_keys import expiries
from fthg.protocols.sftp.ssh.user_certificates import Certificate, parse, parse_line
from fthg.text import UNSAFE

from .test_private_keys import certify, generate

_POINT = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
"""Of the curve nistp256: its base point."""


@pytest.fixture(scope="module")
def blob(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    home = tmp_path_factory.mktemp("certificates")
    generate(home / "ca")
    generate(home / "key")
    return base64.b64decode(certify(home, "key").read_text().split()[1])


@given(at=st.integers(0, 999), replacement=st.binary(max_size=12))
def test_a_damaged_certificate_is_refused_or_shown_safely(
    blob: bytes, at: int, replacement: bytes
) -> None:
    position = at * len(blob) // 1000
    damaged = blob[:position] + replacement + blob[position + len(replacement) :]
    with contextlib.suppress(ValueError):
        assert not re.search(f"[{UNSAFE}]", parse(damaged).text)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_value_error(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        parse(data)


@given(st.text(max_size=100))
def test_no_text_is_taken_for_a_certificate(text: str) -> None:
    with pytest.raises(ValueError, match="is "):
        parse_line(text)


def test_an_end_beyond_all_calendars_is_left_out() -> None:
    certificate = Certificate("t", b"", b"", "me", 0, 2**63)
    assert certificate.text == '"me"'


def test_a_very_long_name_is_cut(tmp_path: Path) -> None:
    generate(tmp_path / "ca")
    generate(tmp_path / "key")
    made = certify(tmp_path, "key", "-I", "n" * 1000)
    assert parse_line(made.read_text()).text == '"' + "n" * 60 + '"'


def test_the_check_tells_of_certificates_that_are_not_valid_to_the_end(tmp_path: Path) -> None:
    generate(tmp_path / "ca")
    generate(tmp_path / "key")
    key = str(tmp_path / "key")
    assert list(expiries(key, None, 0, None)) == []  # there is none
    os.mkfifo(tmp_path / "pipe")  # what is in it is for the login
    assert list(expiries(key, str(tmp_path / "pipe"), 0, None)) == []
    path = certify(tmp_path, "key", "-V", "20240101000000Z:20240201000000Z")
    named = f'certificate: {path} ("night run")'
    january = 1_704_067_200 * SECOND
    day = 86_400 * SECOND
    said = {
        moment: list(expiries(key, None, moment, until))
        for moment, until in (
            (january + day, january + 2 * day),
            (january + 2 * day, january + 40 * day),
            (january - 1 * day, january + day),
            (january + 40 * day, None),
        )
    }
    assert list(said.values()) == [
        [],
        [f"{named} expires before the job ends: it is valid until 2024-02-01 00:00:00 UTC"],
        [f"{named} is not valid yet: only from 2024-01-01 00:00:00 UTC"],
        [f"{named} has expired: it was valid until 2024-02-01 00:00:00 UTC"],
    ]
    certify(tmp_path, "key")  # for ever
    assert list(expiries(key, None, january, 10**5 * day)) == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("sk-ssh-ed25519@openssh.com", [bytes(32), b"ssh:"]),
        (
            "sk-ecdsa-sha2-nistp256@openssh.com",
            [b"nistp256", _POINT, b"ssh:"],
        ),
    ],
)
def test_a_certificate_of_a_key_in_hardware_belongs_to_it(
    tmp_path: Path, kind: str, fields: list[bytes]
) -> None:
    generate(tmp_path / "ca")
    public = b"".join(len(part).to_bytes(4, "big") + part for part in (kind.encode(), *fields))
    (tmp_path / "key.pub").write_text(f"{kind} {base64.b64encode(public).decode()} me\n")
    assert parse_line(certify(tmp_path, "key").read_text()).public_key == public
