"""Decides where a redirect leads, and which headers may go there (RFC 9110, section 15.4)."""

from __future__ import annotations

from functools import lru_cache
from typing import Optional
from urllib.parse import urljoin

import requests

from ... import urls
from ...config.secret_names import is_secret_name
from ...errors import TransferError
from ...urls import Url
from .answer import Answer

REDIRECTS_LIMIT = 10
"""The most redirects that one transfer follows."""

_LONGEST_NAME = 253
"""Characters of a server's name; what encodes longer ones takes quadratic time."""

_FOLLOWED = (301, 302, 307, 308)  # not 303: it names another resource, to be fetched by GET


def redirect_target(answer: Answer, base: str) -> Optional[Url]:
    """Return where an answer to the URL `base` sends the request again; None if nowhere.

    Raises TransferError (protocol) if that is no HTTP server.
    """
    location = answer.fields.get(b"location")
    if answer.status not in _FOLLOWED or not location:
        return None
    try:
        url = urls.parse(urljoin(base, location.decode("utf-8", "surrogateescape")))
        if url.scheme not in ("http", "https"):
            raise ValueError(f"{url.scheme}:// is not HTTP")
        return normal_url(url)
    except ValueError as error:
        reason = f"{answer.status} leads to no HTTP server: {error}"
        raise TransferError("protocol", reason, code=answer.status) from None


def keeps_secrets(old: Url, new: Url) -> bool:
    """Return True if secret headers for one server may go to the other."""
    if (old.host, old.port) == (new.host, new.port):
        return new.scheme in (old.scheme, "https")
    ends = (old.scheme, old.port, new.scheme, new.port)
    return old.host == new.host and ends == ("http", 80, "https", 443)


def is_bound(name: str) -> bool:
    """Return True for a header that is for one server only."""
    return name.lower().startswith("proxy-") or is_secret_name(name)


def normal_url(url: Url) -> Url:
    """Return the URL with its host in the form that DNS and TLS use; raises ValueError."""
    if ":" in url.host:  # an IPv6 address: requests would spoil its zone
        return _of_bounded_name(url)
    return _of_bounded_name(url._replace(host=_normal_host(_of_bounded_name(url).authority)))


def _of_bounded_name(url: Url) -> Url:
    if len(url.host) > _LONGEST_NAME:
        raise ValueError("the server's name is longer than a name can be")
    return url


@lru_cache(maxsize=64)
def _normal_host(authority: str) -> str:
    try:
        prepared = requests.Request("POST", f"http://{authority}/").prepare()
    except requests.RequestException:
        raise ValueError("the server's name holds characters that no name can have") from None
    return urls.parse(prepared.url or "").host
