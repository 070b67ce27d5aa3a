from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fthg.errors import StartError
from fthg.protocols.sftp import private_keys as keys
from tests.servers import need

KINDS = {"ed25519": [], "ecdsa": ["-b", "521"], "rsa": ["-b", "2048"]}


def generate(path: Path, kind: str = "ed25519", passphrase: str = "", *more: str) -> str:
    command = [need("ssh-keygen"), "-q", "-t", kind, "-N", passphrase, "-f", str(path)]
    subprocess.run([*command, *KINDS[kind], *more], check=True, timeout=60)
    return path.with_suffix(".pub").read_text().split()[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_every_kind_of_key_is_read(tmp_path: Path, kind: str, passphrase: str) -> None:
    public = generate(tmp_path / "key", kind, passphrase)
    assert keys.load(str(tmp_path / "key"), passphrase or None).get_base64() == public


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
@pytest.mark.parametrize("form", ["PEM", "PKCS8"])
@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_the_older_forms_are_read_too(
    tmp_path: Path, kind: str, form: str, passphrase: str
) -> None:
    public = generate(tmp_path / "key", kind, passphrase, "-m", form)
    assert keys.load(str(tmp_path / "key"), passphrase or None).get_base64() == public


def test_a_passphrase_that_is_not_needed_is_ignored(tmp_path: Path) -> None:
    generate(tmp_path / "key")
    keys.load(str(tmp_path / "key"), "not needed")


@pytest.mark.parametrize("form", ["RFC4716", "PEM", "PKCS8"])
def test_an_encrypted_key_asks_for_its_passphrase(tmp_path: Path, form: str) -> None:
    kind = "ed25519" if form == "RFC4716" else "rsa"
    generate(tmp_path / "key", kind, "correct horse", "-m", form)
    with pytest.raises(StartError, match="key is encrypted; give its passphrase"):
        keys.load(str(tmp_path / "key"), None)
    with pytest.raises(StartError, match="the passphrase is wrong"):
        keys.load(str(tmp_path / "key"), "wrong")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("PuTTY-User-Key-File-3: ssh-ed25519\n", "puttygen"),
        ("ssh-ed25519 AAAA me@here\n", "is a public key"),
        ("-----BEGIN CERTIFICATE-----\n", "give an SSH private key"),
        ("nonsense\n", "is not a private key"),
        ("", "is not a private key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "not a"),
    ],
)
def test_a_file_that_is_no_key_is_refused_with_the_remedy(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(StartError, match=reason) as caught:
        keys.load(str(tmp_path / "key"), None)
    assert f"key: {tmp_path}/key" in str(caught.value)


def test_a_missing_key_and_a_directory_are_reported(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="No such file"):
        keys.load(str(tmp_path / "none"), None)
    with pytest.raises(StartError, match="Is a directory"):
        keys.load(str(tmp_path), None)


def test_an_unsupported_type_says_which_are_supported(tmp_path: Path) -> None:
    path = tmp_path / "key"
    command = [need("openssl"), "genpkey", "-algorithm", "X25519", "-out", str(path)]
    subprocess.run(command, check=True, timeout=60)
    with pytest.raises(StartError, match="use ed25519, ecdsa or rsa"):
        keys.load(str(path), None)


def test_a_certificate_beside_the_key_is_loaded_with_it(tmp_path: Path) -> None:
    generate(tmp_path / "ca")
    generate(tmp_path / "key")
    command = [need("ssh-keygen"), "-q", "-s", str(tmp_path / "ca"), "-I", "me", "-n", "me"]
    subprocess.run([*command, str(tmp_path / "key.pub")], check=True, timeout=60)
    made = keys.load(str(tmp_path / "key"), None)
    assert made.public_blob is not None
    (tmp_path / "key-cert.pub").write_text("nonsense\n")
    with pytest.raises(StartError, match="is no certificate of that key"):
        keys.load(str(tmp_path / "key"), None)
