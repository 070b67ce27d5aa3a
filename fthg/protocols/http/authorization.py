"""The Authorization header of a job."""

from __future__ import annotations

from base64 import b64encode

import requests
from requests.auth import AuthBase


class Authorization(AuthBase):
    """A complete value of the Authorization header; no representation shows its secret."""

    def __init__(self, value: str, secret: str) -> None:
        self.value = value
        self.secrets = (secret, value.rsplit(maxsplit=1)[-1])  # for outputs to mask

    @classmethod
    def basic(cls, user: str, password: str) -> Authorization:
        """Return the value for user and password (RFC 7617, UTF-8)."""
        pair = f"{user}:{password}".encode("utf-8", "surrogateescape")
        return cls("Basic " + b64encode(pair).decode(), password)

    @classmethod
    def bearer(cls, token: str) -> Authorization:
        """Return the value for a token (RFC 6750)."""
        return cls(f"Bearer {token}", token)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the header, in the way that requests calls for."""
        request.headers["Authorization"] = self.value
        return request

    def __repr__(self) -> str:
        return "Authorization(***)"
