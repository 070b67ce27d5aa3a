"""The place at which a server of the matrix takes a request, and the users who may send it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.servers.web_store import WebStore

USER, PASSWORD, TOKEN = "partner", "a pass wörd", "s3cret-token"


class Place(NamedTuple):
    """The URL of a request, without the file's name, and the directory where it is stored."""

    url: str
    files: Path


Places = Mapping[str, Place]
"""Request of REQUESTS → where the server asks for it."""


def below(store: WebStore, *requests: str) -> dict[str, Place]:
    """Return places that are directories of one server, which are made."""
    places = {}
    for number, request in enumerate(requests):
        files = store.files / str(number)
        files.mkdir()
        files.chmod(0o777)
        places[request] = Place(f"{store.url}/{number}", files)
    return places


def over_tls(place: Place, port: int) -> Place:
    """Return the same place at a server in TLS."""
    return Place(f"https://localhost:{port}/{place.url.rpartition('/')[2]}", place.files)
