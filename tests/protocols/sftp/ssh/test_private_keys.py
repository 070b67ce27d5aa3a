from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Optional

import pytest

from fthg.errors import StartError
from fthg.protocols.sftp.ssh import private_keys as keys
from tests.servers import need

KINDS = {"ed25519": [], "ecdsa": ["-b", "521"], "rsa": ["-b", "2048"]}


def generate(path: Path, kind: str = "ed25519", passphrase: str = "", *more: str) -> str:
    """Make a key pair; return the public one, in base64."""
    command = [need("ssh-keygen"), "-q", "-t", kind, "-N", passphrase, "-f", str(path)]
    subprocess.run([*command, *KINDS[kind], *more], check=True, timeout=60)
    return path.with_suffix(".pub").read_text().split()[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_every_kind_of_key_is_read(tmp_path: Path, kind: str, passphrase: str) -> None:
    public = generate(tmp_path / "key", kind, passphrase)
    assert keys.load(str(tmp_path / "key"), passphrase or None).current().get_base64() == public


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
@pytest.mark.parametrize("form", ["PEM", "PKCS8"])
@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_the_older_forms_are_read_too(
    tmp_path: Path, kind: str, form: str, passphrase: str
) -> None:
    public = generate(tmp_path / "key", kind, passphrase, "-m", form)
    assert keys.load(str(tmp_path / "key"), passphrase or None).current().get_base64() == public


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


def certify(path: Path, key: str, *more: str) -> Path:
    """Make KEY-cert.pub with the key `ca`."""
    words = ["-q", "-s", str(path / "ca"), "-I", "night run", "-n", "me", *more]
    subprocess.run([need("ssh-keygen"), *words, str(path / f"{key}.pub")], check=True, timeout=60)
    return path / f"{key}-cert.pub"


@pytest.mark.parametrize("kind", KINDS)
def test_a_certificate_beside_the_key_is_loaded_with_it(tmp_path: Path, kind: str) -> None:
    generate(tmp_path / "ca")
    public = generate(tmp_path / "key", kind)
    path = certify(tmp_path, "key", "-V", "20200101000000Z:20300101000000Z")
    made = keys.load(str(tmp_path / "key"), None)
    certificate = made.certificate_of(made.current())
    assert certificate is not None
    assert certificate.public_key == base64.b64decode(public)
    assert certificate.blob == base64.b64decode(path.read_text().split()[1])
    assert certificate.text == '"night run", valid until 2030-01-01T00:00:00Z'


def test_a_certificate_has_a_path_of_its_own(tmp_path: Path) -> None:
    generate(tmp_path / "ca")
    generate(tmp_path / "key")
    path = certify(tmp_path, "key").rename(tmp_path / "certificate")
    assert keys.load(str(tmp_path / "key"), None).certificate is None
    made = keys.load(str(tmp_path / "key"), None, str(path))
    certificate = made.certificate_of(made.current())
    assert certificate is not None
    assert certificate.text == '"night run"'  # it has no end


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "cannot be read: No such file"),
        ("nonsense\n", "is no SSH certificate"),
        ("", "is no SSH certificate"),
        ("the key", "is no certificate, but a key of type 'ssh-ed25519'"),
        ("of a host", "is a certificate of a host"),
        ("of another key", "is no certificate of the key"),
        ("cut", "is a damaged certificate"),
    ],
)
def test_a_file_that_is_no_certificate_of_the_key_is_refused(
    tmp_path: Path, text: Optional[str], reason: str
) -> None:
    for name in ("ca", "key", "other"):
        generate(tmp_path / name)
    path = tmp_path / "certificate"
    if text == "the key":
        text = (tmp_path / "key.pub").read_text()
    elif text == "of a host":
        text = certify(tmp_path, "key", "-h").read_text()
    elif text == "of another key":
        text = certify(tmp_path, "other").read_text()
    elif text == "cut":
        text = certify(tmp_path, "key").read_text()[: 33 + 200]
    (tmp_path / "key-cert.pub").unlink(missing_ok=True)
    if text is not None:
        path.write_text(text)
    with pytest.raises(StartError) as caught:
        keys.load(str(tmp_path / "key"), None, str(path))
    assert f"certificate: {path} {reason}" in str(caught.value)


@pytest.mark.parametrize("text", ["", "nonsense\n", "of another key"])
def test_a_key_does_without_a_file_beside_it_that_is_no_certificate_of_it(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("ca", "key", "other"):
        generate(tmp_path / name)
    if text == "of another key":
        text = certify(tmp_path, "other").read_text()
    (tmp_path / "key-cert.pub").write_text(text)
    assert keys.load(str(tmp_path / "key"), None).certificate is None
    assert "the key is used without its certificate" in caplog.text


def test_a_key_and_its_certificate_are_read_again_when_they_change(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("ca", "key", "new"):
        generate(tmp_path / name)
    certify(tmp_path, "key", "-V", "20200101000000Z:20300101000000Z")
    made = keys.load(str(tmp_path / "key"), None)
    first = made.current()
    assert made.current() is first  # not read again
    certificate = certify(tmp_path, "key", "-V", "20200101000000Z:20310101000000Z")
    changed = made.certificate_of(first)
    assert changed is not None
    assert "2031" in changed.text
    for _ in range(2):
        certificate.write_text("nonsense\n")
        assert made.certificate_of(first) == changed  # the last good one
    (tmp_path / "new").replace(tmp_path / "key")
    assert made.current() != first
    assert made.certificate_of(made.current()) is None
    certificate.unlink()
    (tmp_path / "key").unlink()
    made.current()
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 3  # nonsense; no certificate is not asked for; no key
