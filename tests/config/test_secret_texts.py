from __future__ import annotations

import pytest

from fthg.config.secret_texts import MASK, find_secrets, mask_messages, masked, masked_url


@pytest.mark.parametrize(
    ("url", "password", "shown"),
    [
        ("sftp://ann:pa@ss@host/dir", "pa@ss", f"sftp://ann:{MASK}@host/dir"),
        ("sftp://ann@corp:pa@ss@host/dir", "pa@ss", f"sftp://ann@corp:{MASK}@host/dir"),
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
    assert masked(url) == shown
    assert password in set(find_secrets(url, "url", secret=False))


@pytest.mark.parametrize(
    "url",
    ["http://host:80/a@b", "http://[::1]:80/", "sftp://ann@host/dir", "http://ann@host:80/a@b"],
)
def test_a_url_without_a_password_stays_whole(url: str) -> None:
    assert masked(url) == url
    assert not list(find_secrets(url, "url", secret=False))


def test_parameters_with_secret_names_are_secrets() -> None:
    url = "https://h/up?token=a%2Fb&name={filename}&sig={uuid}&key=k1#x"
    assert (
        masked_url(url) == f"https://h/up?token={MASK}&name={{filename}}&sig={{uuid}}&key={MASK}#x"
    )
    assert set(find_secrets(url, "url", secret=False)) == {"a%2Fb", "a/b", "k1"}


def test_messages_lose_secrets_and_quoted_pieces_of_them() -> None:
    lines = ["url: 'pa' is no port", "unknown placeholder {pw}", "not 'timeout' but pa/ss"]
    assert mask_messages(lines, ["pa/ss", "a{pw}b"]) == [
        f"url: '{MASK}' is no port",
        f"unknown placeholder '{MASK}'",
        "not 'timeout' but ***",
    ]
