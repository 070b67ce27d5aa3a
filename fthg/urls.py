"""URLs, as far as all rooms need to know them."""

from __future__ import annotations


def scheme_of(url: str) -> str:
    """Return the scheme of a URL in lower case; an empty text where there is none."""
    return url.partition("://")[0].lower() if "://" in url else ""
