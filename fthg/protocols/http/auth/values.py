"""Reads the key `auth` from the text of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from .... import urls
from ....config import values
from ....config.schema import key, required
from ...secret_text import SecretText, secret_text
from .authorization import Auth, Authorization, DigestLogin, OAuth2

_HINT = (
    "write {basic: {user: …, password_file: …}}, the same with digest, {bearer: {token_file: …}}"
    " or {oauth2: {token_url: …, client_id: …, client_secret_file: …}}"
)

_KINDS = {"basic", "bearer", "digest", "oauth2"}


def auth(value: Any) -> Auth:
    """Read `basic` or `digest`, both `{user, password | password_file}`, `bearer`, or `oauth2`."""
    if not isinstance(value, Mapping) or not value.keys() & _KINDS:
        raise vol.Invalid(_HINT)
    if len(value) > 1:
        raise vol.Invalid(f"{' and '.join(value)}: choose one")
    read: Mapping[str, Auth] = vol.Schema(
        {
            key("basic", "user and password"): _basic,
            key("bearer", "a token", secret=True): _bearer,
            key("digest", "user and password"): _digest,
            key("oauth2", "a client of a token server"): _oauth2,
        }
    )(value)
    return next(iter(read.values()))


def _basic(value: Any) -> Authorization:
    user, password = _login(value)
    if ":" in user:
        raise vol.Invalid("a user name with a colon cannot be sent by basic authentication")
    return Authorization.basic(user, password)


def _digest(value: Any) -> DigestLogin:
    return DigestLogin(*_login(value))


def _login(value: Any) -> tuple[str, SecretText]:
    if not isinstance(value, Mapping):
        raise vol.Invalid("must be a mapping: {user: …, password_file: …}")
    read = vol.Schema(
        {
            required("user", "login name"): values.filled,
            key("password", "its password", secret=True): values.text,
            key("password_file", "file whose first line is the password"): values.secret_file,
        }
    )(value)
    return read["user"], _secret(read, "password")


def _bearer(value: Any) -> Authorization:
    token: str
    if isinstance(value, Mapping):
        schema = vol.Schema(
            {required("token_file", "file whose first line is the token"): values.secret_file}
        )
        token = schema(value)["token_file"]
    else:
        token = values.filled(value)
    try:
        return Authorization.bearer(token)
    except ValueError as error:
        raise vol.Invalid(str(error)) from None


def _oauth2(value: Any) -> OAuth2:
    if not isinstance(value, Mapping):
        raise vol.Invalid("must be a mapping: {token_url: …, client_id: …, client_secret_file: …}")
    read = vol.Schema(
        {
            required("token_url", "URL of the token server"): _token_url,
            required("client_id", "name of the client"): values.filled,
            key("client_secret", "its secret", secret=True): values.filled,
            key("client_secret_file", "file whose first line is it"): values.secret_file,
            key("scope", "what the token is for: words"): values.filled,
            key("audience", "whom the token is for"): values.filled,
        }
    )(value)
    secret = _secret(read, "client_secret")
    return OAuth2(
        read["token_url"], read["client_id"], secret, read.get("scope"), read.get("audience")
    )


def _secret(read: Mapping[str, str], name: str) -> SecretText:
    given = [read.get(name), read.get(f"{name}_file")]
    texts = [text for text in given if text is not None]
    what = name.rpartition("_")[2]
    if len(texts) > 1:
        raise vol.Invalid(f"both {name} and {name}_file are given; one of them is enough")
    if not texts:
        raise vol.Invalid(f"a {what} is missing: give `{name}_file`, or `{name}`")
    return secret_text(texts[0])


def _token_url(value: Any) -> str:
    text = values.filled(value).strip()
    try:
        url = urls.parse(text)
    except ValueError as error:
        raise vol.Invalid(str(error)) from None
    if url.scheme not in ("http", "https"):
        raise vol.Invalid("a token server has a URL that begins with https:// or http://")
    if url.user is not None:
        raise vol.Invalid("the client's name and secret belong into client_id and client_secret")
    return text
