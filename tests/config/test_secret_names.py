from __future__ import annotations

import pytest

from fthg.config.secret_names import is_secret_name, is_secret_parameter


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
        "Signatures",
        "Cookie",
        "Set-Cookie",
        "Proxy-Authorization",
        "pasword",
        "passwrod",
        "X-Pasword",
        "Authorisation",
        "Bearers",
        "toke",
    ],
)
def test_a_name_that_means_a_secret_is_recognised_even_if_misspelled(key: str) -> None:
    assert is_secret_name(key)


@pytest.mark.parametrize(
    "key",
    [
        "key",
        "signatures",  # the key of SFTP's algorithms
        "host_key",
        "password_file",
        "known_hosts",
        "X-Filename",
        "author",
        "passive",
        "broken",
        "Location",
        "a" * 10_000,
    ],
)
def test_any_other_name_is_not(key: str) -> None:
    assert not is_secret_name(key)


def test_parameters_of_urls_have_two_names_more() -> None:
    assert is_secret_parameter("key")
    assert is_secret_parameter("Code")
    assert is_secret_parameter("token")
    assert not is_secret_parameter("name")
