"""The ways in which a job authorizes its requests (RFC 9110, section 11)."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Callable, Optional, Union
from urllib.parse import quote_plus

import requests
from requests.auth import AuthBase

from ....log import LEARNED
from ...secret_text import SecretText, secret_text

_TOKEN = re.compile(r"[\x21-\x7e]+")


class Auth(AuthBase):
    """A way to authorize; no representation shows its secret."""

    secret: SecretText

    @property
    def fixed(self) -> Optional[str]:
        """The value of the header, if it is the same for all requests."""
        return None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that no output may show."""
        return (self.secret.current(),)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the header if it is fixed, in the way that requests calls for."""
        if self.fixed is not None:
            request.headers["Authorization"] = self.fixed
        return request

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"


class Authorization(Auth):
    """A complete value of the Authorization header."""

    def __init__(self, secret: SecretText, make: Callable[[str], str]) -> None:
        self.secret = secret
        self._make = make
        self._made_of = secret.current()
        self._value = make(self._made_of)

    @classmethod
    def basic(cls, user: str, password: Union[str, SecretText]) -> Authorization:
        """Return the value for user and password (RFC 7617, UTF-8)."""
        secret = SecretText(password) if isinstance(password, str) else password

        def make(text: str) -> str:
            pair = f"{user}:{text}".encode("utf-8", "surrogateescape")
            return "Basic " + b64encode(pair).decode()

        return cls(secret, make)

    @classmethod
    def bearer(cls, token: str) -> Authorization:
        """Return the value for a token (RFC 6750); raises ValueError."""
        return cls(secret_text(token, token_of), "Bearer {}".format)

    @property
    def value(self) -> str:
        """The value as it is now."""
        text = self.secret.current()
        if text is not self._made_of:
            self._made_of, self._value = text, self._make(text)
            LEARNED.add(self, self._value.rsplit(maxsplit=1)[-1])
        return self._value

    @property
    def fixed(self) -> Optional[str]:
        """The value, if no file can change it."""
        return None if self.secret.changes else self._value

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that no output may show."""
        return self.secret.current(), self.value.rsplit(maxsplit=1)[-1]


class DigestLogin(Auth):
    """User and password of digest authentication (RFC 7616)."""

    def __init__(self, user: str, password: SecretText) -> None:
        self.user = user
        self.secret = password


class OAuth2(Auth):
    """A client that gets its tokens from a token server (RFC 6749, section 4.4)."""

    def __init__(
        self,
        token_url: str,
        client_id: str,
        secret: SecretText,
        scope: Optional[str] = None,
        audience: Optional[str] = None,
    ) -> None:
        self.token_url = token_url
        self.client_id = client_id
        self.secret = secret
        self.scope = scope
        self.audience = audience

    @property
    def client(self) -> Authorization:
        """The client's own credentials, as the token server wants them (section 2.3.1)."""
        return Authorization(self.secret, self._client_value)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that no output may show."""
        secret = self.secret.current()
        value = self._client_value(secret).rsplit(maxsplit=1)[-1]
        return secret, quote_plus(secret), value

    def _client_value(self, secret: str) -> str:
        pair = f"{quote_plus(self.client_id)}:{quote_plus(secret)}"
        return "Basic " + b64encode(pair.encode()).decode()


def token_of(text: str) -> str:
    """Return the token in a text; raises ValueError."""
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise ValueError("a token is one word of ASCII characters")
    return token
