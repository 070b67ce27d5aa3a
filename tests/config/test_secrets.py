from __future__ import annotations

import base64

import pytest

from fthg.config.document import parse
from fthg.config.secrets import MASK, ambient, hushed, is_secret, masked, masked_url, secrets_in
from fthg.config.tree import Section
from fthg.placeholders import Template


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "passwd",
        "DB_PASS",
        "passphrase",
        "X-Api-Key",
        "X-Auth",
        "X-Auth-Token",
        "X-Session-Id",
        "Ocp-Apim-Subscription-Key",
        "X-Amz-Signature",
        "Cookie",
        "Set-Cookie",
        "Proxy-Authorization",
    ],
)
def test_a_secret_is_known_by_the_name_of_its_key(key: str) -> None:
    assert is_secret(key)


@pytest.mark.parametrize(
    "key", ["key", "host_key", "password_file", "known_hosts", "X-Filename", "author", "passive"]
)
def test_what_is_no_secret_is_shown(key: str) -> None:
    assert not is_secret(key)


@pytest.mark.parametrize(
    ("url", "password", "shown"),
    [
        ("sftp://ann:pa@ss@host/dir", "pa@ss", f"sftp://ann:{MASK}@host/dir"),
        ("sftp://ann:pa:ss@host/dir", "pa:ss", f"sftp://ann:{MASK}@host/dir"),
        ("sftp://ann:pa/ss@host/dir", "pa/ss", f"sftp://ann:{MASK}@host/dir"),
        ("sftp://ann:pa%2Fss@host/dir", "pa/ss", f"sftp://ann:{MASK}@host/dir"),
        ("https://ann:pass@host/a@b", "pass", f"https://ann:{MASK}@host/a@b"),
        ("https://ghp_0123456789abcdef@host/", "ghp_0123456789abcdef", f"https://{MASK}@host/"),
    ],
)
def test_a_password_in_a_url_is_found_even_where_it_is_written_wrongly(
    url: str, password: str, shown: str
) -> None:
    assert masked("url", url) == shown
    assert password in set(secrets_in(url, "url"))


@pytest.mark.parametrize("url", ["http://host:80/a@b", "http://[::1]:80/", "sftp://ann@host/dir"])
def test_a_url_without_a_password_stays_whole(url: str) -> None:
    assert masked("url", url) == url
    assert not list(secrets_in(url, "url"))


def test_parameters_with_telling_names_are_secrets() -> None:
    url = "https://h/up?token=a%2Fb&name={filename}&sig={uuid}&key=k1#x"
    assert (
        masked_url(url) == f"https://h/up?token={MASK}&name={{filename}}&sig={{uuid}}&key={MASK}#x"
    )
    assert set(secrets_in(Template(url), "url")) == {"a%2Fb", "a/b", "k1"}


def test_what_a_template_has_in_common_for_all_transfers_is_secret() -> None:
    assert "k3y-{x}-" in set(secrets_in({"X-Api-Key": Template("k3y-{{x}}-{uuid}")}))
    assert set(secrets_in({"Authorization": Template("Bearer {uuid}")})) == {"Bearer {uuid}"}
    assert not set(secrets_in({"X-Session-Id": Template("{uuid}")}))
    assert set(secrets_in({"password": "{abc}"})) == {"{abc}"}


def test_the_parts_of_a_header_are_secrets_of_their_own() -> None:
    basic = base64.b64encode(b"ann:hunter2").decode()
    assert "hunter2" in set(secrets_in({"Authorization": f"Basic {basic}"}))
    assert {"abcdef", "ghijkl"} <= set(secrets_in({"Cookie": "a=abcdef; b=ghijkl"}))


def test_variables_with_telling_names_are_secrets_wherever_they_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UPLOAD_TOKEN", "hunter2")
    monkeypatch.setenv("HOST", "example.com")
    tree, _ = parse("f.yaml", "url: https://${HOST}/${UPLOAD_TOKEN}/up")
    assert isinstance(tree, Section)
    assert set(secrets_in(tree)) == {"hunter2"}
    assert masked("url", tree["url"]) == f"https://example.com/{MASK}/up"


def test_proxies_and_logins_of_the_environment_are_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine example.com login ann password hunter3\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("https_proxy", "http://ann:hunter2@proxy:3128")
    assert {"hunter2", "hunter3"} <= set(ambient())


def test_messages_lose_secrets_and_quoted_pieces_of_them() -> None:
    lines = ["url: 'pa' is no port", "unknown placeholder {pw}", "not 'timeout' but pa/ss"]
    assert hushed(lines, ["pa/ss", "a{pw}b"]) == [
        f"url: '{MASK}' is no port",
        f"unknown placeholder '{MASK}'",
        "not 'timeout' but ***",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "password: {hunter2",
        "password: *hunter2",
        "- password: *hunter2",
        "password: !hunter2!x y",
        "password: @hunter2",
    ],
)
def test_a_fault_of_yaml_does_not_tell_the_secret_that_it_is_in(text: str) -> None:
    _, faults = parse("f.yaml", f"a: 1\n{text}\n")
    assert "hunter2" not in str(faults[0])
    assert "password" in str(faults[0])
