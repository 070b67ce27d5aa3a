from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Callable, NamedTuple

import pytest

from . import delivery, token_server, tools, web
from .cell import THROUGH, Cell
from .identity import PASSPHRASE, Identity
from .place import PASSWORD, TOKEN, USER, Places
from .token_server import CLIENT, SECRET
from .web_servers import STARTS

GetPlaces = Callable[[str], Places]


class Given(NamedTuple):
    """A credential as fthg's options, and as words of curl."""

    options: Mapping[str, Any]
    curl: list[str]


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity(tmp_path_factory.mktemp("identity"), TOKEN)


@pytest.fixture(scope="module")
def token_url() -> Iterator[str]:
    with token_server.running(TOKEN) as url:
        yield url


@pytest.fixture(scope="module")
def places_of(tmp_path_factory: pytest.TempPathFactory, identity: Identity) -> Iterator[GetPlaces]:
    """Return where a server takes each request; it starts with its first one."""
    started: dict[str, Places] = {}
    with contextlib.ExitStack() as stack:

        def get(server: str) -> Places:
            if server not in started:
                home = tmp_path_factory.mktemp(server)
                home.chmod(0o755)
                started[server] = stack.enter_context(STARTS[server](home, identity))
            return started[server]

        yield get


def credentials(request: str, identity: Identity, token_url: str) -> Given:
    """Return what fthg and curl are given for a request."""
    account = {"user": USER, "password": PASSWORD}
    user = ["-u", f"{USER}:{PASSWORD}"]
    bearer = f"Authorization: Bearer {TOKEN}"
    cert, key = map(str, identity.client)
    pair = ["--cert", f"{cert}:{PASSPHRASE}", "--key", key]
    pem = Given({"cert": cert, "key": key, "passphrase": PASSPHRASE}, pair)
    wait = ["-H", "Expect: 100-continue"]
    pkcs12 = str(identity.pkcs12)
    client = {"token_url": token_url, "client_id": CLIENT, "client_secret": SECRET}
    digest = Given({"auth": {"digest": account}}, ["--digest", *user])
    given = {
        web.BASIC: Given({"auth": {"basic": account}}, user),
        web.BEARER: Given(
            {"auth": {"bearer": {"token_file": str(identity.tokens)}}}, ["-H", bearer]
        ),
        web.OAUTH2: Given({"auth": {"oauth2": client}}, []),
        web.DIGEST_MD5: digest,
        web.DIGEST_SHA256: digest,
        web.PEM: pem,
        web.ONE_PATH_12: pem,
        web.ONE_PATH_13: pem,
        web.ONE_PATH_LARGE: Given({**pem.options, "expect_continue": True}, [*pair, *wait]),
        web.PKCS12: Given(
            {"cert": pkcs12, "passphrase": PASSPHRASE},
            ["--cert", f"{pkcs12}:{PASSPHRASE}", "--cert-type", "P12"],
        ),
        web.CHUNKED: Given({"chunked": True}, ["-H", "Transfer-Encoding: chunked"]),
        web.CONTINUE: Given({"expect_continue": True}, wait),
    }
    return given.get(request, Given({}, []))


def _granted(token_url: str, file: Path) -> str:
    """Return the token that curl gets."""
    answer = file.with_suffix(".token")
    client = ("-u", f"{CLIENT}:{SECRET}", "-d", "grant_type=client_credentials")
    assert not tools.curl(*client, "-o", str(answer), token_url)
    return str(json.loads(answer.read_text())["access_token"])


@pytest.mark.parametrize("cell", web.WEB, ids=[cell.name for cell in web.WEB])
def test_whatever_curl_puts_there_fthg_puts_there(
    cell: Cell, places_of: GetPlaces, identity: Identity, token_url: str, file: Path
) -> None:
    place = places_of(cell.server)[cell.trait]
    given, words = credentials(cell.trait, identity, token_url)
    if cell.trait == web.OAUTH2:
        words = ["-H", f"Authorization: Bearer {_granted(token_url, file)}"]
    trust = ["--cacert", str(identity.ca)] if place.url.startswith("https") else []

    if cell.trait == web.ONE_PATH_LARGE:
        file.write_bytes(bytes(1 << 21))

    said = tools.curl(*trust, *words, "-T", str(file), f"{place.url}/by-curl-{file.name}")
    assert cell.tool == THROUGH
    assert delivery.arrived(place.files, f"by-curl-{file.name}", file), said

    more = {"ca": str(identity.ca)} if trust else {}
    assert cell.expected == THROUGH
    url = f"{place.url}/{{filename}}"
    delivery.send_by_http(url, file, {"method": "PUT", **more, **given})
    assert delivery.arrived(place.files, file.name, file)
