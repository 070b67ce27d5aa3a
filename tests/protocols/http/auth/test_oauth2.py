"""Tokens of a token server: got once for all, renewed in time, and its failures in its words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest

from fthg.clock import SECOND, Clock
from fthg.errors import TransferError
from fthg.log import Masks
from fthg.protocols.endpoint import Endpoint
from fthg.protocols.http import HttpSender
from tests.servers import free_port
from tests.servers.faulty import Conversation, faulty
from tests.servers.tokens import CLIENT, SECRET, Tokens, tokens

from ..jobs import failed, sender, transfer


def client(server: Tokens, **more: Any) -> dict[str, Any]:
    return {
        "auth": {
            "oauth2": {
                "token_url": server.url,
                "client_id": CLIENT,
                "client_secret": SECRET,
                **more,
            }
        }
    }


@pytest.fixture
def server() -> Iterator[Tokens]:
    with tokens() as running:
        yield running


def send_at_rate(made: HttpSender, path: Path, rate: float, seconds: float) -> list[Any]:
    """Send files as an open model does, and return the outcome of each."""
    clock, sending = Clock(), []
    began = clock.now()

    def send(number: int) -> Any:
        try:
            return made.send(transfer(path, seq=number))
        except TransferError as error:
            return error

    for number in range(int(rate * seconds)):
        clock.sleep_until(began + int(number * SECOND / rate))
        sending.append(gevent.spawn(send, number))
    return [each.get(timeout=20) for each in sending]


def test_one_token_is_got_for_all_transfers(server: Tokens, small: Path) -> None:
    server.delay = 0.2
    with sender(server.upload_url, **client(server, scope="a b", audience="https://x/")) as made:
        sent = [gevent.spawn(made.send, transfer(small, seq=number)) for number in range(8)]
        assert {each.get(timeout=20).code for each in sent} == {201}
        assert "authenticating" in sent[0].get().phases
    wanted = {"grant_type": ["client_credentials"], "scope": ["a b"], "audience": ["https://x/"]}
    assert server.asked == [wanted]
    assert server.taken == [b"<order/>"] * 8


def test_jobs_with_the_same_settings_share_a_token(server: Tokens, small: Path) -> None:
    clock = Clock()
    with (
        sender(server.upload_url, clock, **client(server)) as one,
        sender(server.upload_url, clock, **client(server)) as other,
        sender(server.upload_url, clock, **client(server, scope="more")) as different,
    ):
        for made in (one, other, different):
            assert made.send(transfer(small)).code == 201
    assert len(server.asked) == 2
    with sender(server.upload_url, clock, **client(server)) as later:
        assert later.send(transfer(small)).code == 201, "what the others have closed is not used"


@pytest.mark.parametrize("delay", [0.0, 0.5])
def test_tokens_are_renewed_before_they_end(small: Path, delay: float) -> None:
    with (
        tokens(life=2.0, delay=delay) as server,
        sender(server.upload_url, **client(server)) as made,
    ):
        sent = send_at_rate(made, small, rate=15, seconds=6)
    assert [each.code for each in sent] == [201] * 90
    assert (server.refused, len(server.taken)) == (0, 90)
    assert 3 <= len(server.given) <= 9, "renewed, and not for each transfer"
    waited = [each for each in sent if "authenticating" in each.phases]
    assert len(waited) < 45, "while one is renewed others go on with the one that is good"


def test_a_token_without_an_end_is_used_until_it_is_refused(server: Tokens, small: Path) -> None:
    with sender(server.upload_url, **client(server)) as made:
        made.send(transfer(small))
        server.revoke()
        sending = [gevent.spawn(made.send, transfer(small, seq=number)) for number in range(8)]
        assert {each.get(timeout=20).code for each in sending} == {201}
        assert made.send(transfer(small)).code == 201
    assert len(server.asked) == 2, "one renewal for all"
    assert server.taken == [b"<order/>"] * 10


def test_a_large_file_is_sent_again_as_a_whole(server: Tokens, small: Path, large: Path) -> None:
    with sender(server.upload_url, **client(server)) as made:
        made.send(transfer(small))
        server.revoke()
        assert made.send(transfer(large)).bytes == large.stat().st_size
    digests = [hashlib.sha256(body).digest() for body in server.taken]
    assert digests[1:] == [hashlib.sha256(large.read_bytes()).digest()]


def test_a_new_token_that_is_refused_is_not_renewed_by_each_transfer(
    server: Tokens, small: Path
) -> None:
    with sender(server.upload_url, **client(server)) as made:
        gevent.spawn_later(0, server.revoke)
        server.life = -1.0
        errors = [failed(made, transfer(small, seq=number)) for number in range(5)]
    assert {(error.kind, error.code) for error in errors} == {("status", 401)}
    assert len(server.asked) == 1
    assert server.refused == 5, "each was sent once"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            ("400 Bad Request", b'{"error": "invalid_scope", "error_description": "no such one"}'),
            "400 invalid_scope: no such one",
        ),
        (("503 Busy", b"come back later"), "503 Busy: come back later"),
        (("200 OK", b"<html>"), "not a mapping in JSON"),
        (("200 OK", b"[" * 60000), "not a mapping in JSON"),
        (("200 OK", b"{}"), "no access_token"),
        (("200 OK", b'{"access_token": "a\\r\\nX-Evil: b"}'), "one word"),
        (("200 OK", b'{"access_token": "a", "token_type": "mac"}'), "type mac, not Bearer"),
    ],
)
def test_a_token_server_without_a_token(
    server: Tokens, small: Path, fault: tuple[str, bytes], words: str
) -> None:
    server.fault = fault
    with sender(server.upload_url, **client(server)) as made:
        error = failed(made, transfer(small))
        assert (error.kind, error.sent) == ("auth", 0)
        assert words in error.detail
        assert error.detail.startswith("the token server 127.0.0.1 port ")
        failed(made, transfer(small))
        assert len(server.asked) == 1, "the next attempt waits a little"
        server.fault = None
        gevent.sleep(0.3)
        assert made.send(transfer(small)).code == 201
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    "unknown",
    [
        ("401 Unauthorized", b'{"error": "invalid_client"}'),
        ("400 Bad Request", b'{"error": "invalid_request", "error_description": "no client_id"}'),
        ("403 Forbidden", b"who are you?"),
    ],
)
def test_a_server_that_wants_name_and_secret_in_the_body(
    server: Tokens, small: Path, unknown: tuple[str, bytes]
) -> None:
    server.in_body, server.life, server.unknown = True, 2.0, unknown
    with sender(server.upload_url, **client(server)) as made:
        assert made.send(transfer(small)).code == 201
        assert len(server.asked) == 2
        gevent.sleep(1.9)
        assert made.send(transfer(small)).code == 201
        assert len(server.asked) == 3, "what it wants is known now"
    assert "client_secret" not in server.asked[0]


def test_what_both_ways_lead_to_is_said(small: Path) -> None:
    def script(client: Conversation) -> None:
        while request := client.read_request():
            if b"client_secret=" in request:
                client.answer("401 Unauthorized", b'{"error": "invalid_client"}')
            else:
                client.answer("400 Bad Request", b'{"error": "invalid_request"}')

    with faulty(script) as asked, sender(asked.url, **client(Tokens(url=asked.url))) as made:
        error = failed(made, transfer(small))
    expected = "400 invalid_request; with name and secret in the body: 401 invalid_client"
    assert (error.code, error.detail.partition("no token: ")[2]) == (400, expected)


def test_a_token_may_come_as_something_created(server: Tokens, small: Path) -> None:
    server.success = "201 Created"
    with sender(server.upload_url, **client(server)) as made:
        assert made.send(transfer(small)).code == 201


def test_a_secret_that_is_cut_off_in_an_error_is_masked(small: Path) -> None:
    secret = "-".join("abcdefghijklmnopqrstuvwxyz")
    said = {"error": "invalid_scope", "error_description": f"{'x' * 220} {secret}"}

    def script(client: Conversation) -> None:
        client.read_request()
        client.answer("400 Bad Request", json.dumps(said).encode())

    with faulty(script) as asked:
        login = client(Tokens(url=asked.url), client_secret=secret)
        with sender(asked.url, **login) as made:
            detail = failed(made, transfer(small)).detail
    assert detail.endswith("xxx ***")


def test_wrong_credentials(server: Tokens, small: Path) -> None:
    with sender(server.upload_url, **client(server, client_secret="wr0ng!")) as made:
        error = failed(made, transfer(small))
    assert (error.kind, error.code) == ("auth", 401)
    assert "invalid_client" in error.detail
    assert "wr0ng!" not in error.detail


def test_a_token_server_that_is_not_there(server: Tokens, small: Path) -> None:
    server.url = f"http://127.0.0.1:{free_port()}/"
    with sender(server.upload_url, **client(server)) as made:
        error = failed(made, transfer(small))
    assert error.kind == "auth"
    assert "refused" in error.detail


def test_connect_to_leads_to_the_token_server_of_the_same_name(small: Path) -> None:
    def script(client: Conversation) -> None:
        token = client.read_request().startswith(b"POST /token ")
        client.answer("200 OK", b'{"access_token": "a"}' if token else b"")

    with faulty(script) as asked:
        login = client(Tokens(url=f"http://files.invalid:{asked.port}/token"))
        there = Endpoint("127.0.0.1", asked.port)
        with sender(f"http://files.invalid:{asked.port}/", connect_to=there, **login) as made:
            assert made.send(transfer(small)).code == 200
        with sender("http://files.invalid/", connect_to=there, **login) as made:
            detail = failed(made, transfer(small)).detail
    assert detail.startswith(f"the token server files.invalid port {asked.port}: ")
    assert detail.count("files.invalid") == 1
    assert len(asked.heard) == 2


def test_a_token_server_that_does_not_answer(server: Tokens, small: Path) -> None:
    server.delay = 60.0
    with sender(server.upload_url, timeout=1.0, **client(server)) as made:
        error = failed(made, transfer(small))
        assert error.kind in ("timeout", "auth")
        assert "token" in error.detail
    assert server.taken == []


def test_a_failing_renewal_does_no_harm_while_the_token_is_good(small: Path) -> None:
    with tokens(life=4.0) as server, sender(server.upload_url, **client(server)) as made:
        made.send(transfer(small))
        server.fault = ("500 Oops", b"")
        sent = send_at_rate(made, small, rate=10, seconds=3)
    assert [each.code for each in sent] == [201] * 30
    assert 2 <= len(server.asked) <= 8, "with a wait between the attempts"


def test_the_secret_is_read_from_a_file_that_may_change(
    server: Tokens, small: Path, tmp_path: Path
) -> None:
    path = tmp_path / "secret"
    path.write_text("old one\n")
    oauth2 = {"token_url": server.url, "client_id": CLIENT, "client_secret_file": str(path)}
    with sender(server.upload_url, auth={"oauth2": oauth2}) as made:
        assert "invalid_client" in failed(made, transfer(small)).detail
        path.write_text(f"{SECRET}\n")
        gevent.sleep(1.3)
        assert made.send(transfer(small)).code == 201


def test_tokens_are_masked_once_they_are_known(server: Tokens, small: Path) -> None:
    mask = Masks([])
    with sender(server.upload_url, **client(server)) as made:
        made.send(transfer(small))
        server.revoke()
        server.life = -1.0
        error = failed(made, transfer(small))
        assert "no good token: token-1" in error.detail
        assert "token-1" not in mask(error.detail)


def test_no_token_follows_to_another_host(server: Tokens, small: Path) -> None:
    def landing(client: Conversation) -> None:
        while client.read_request():
            client.answer("201 Created")

    with faulty(landing) as other:

        def move(client: Conversation) -> None:
            while client.read_request():
                client.answer("307 There", b"", f"Location: {other.url}/")

        with (
            faulty(move) as entry,
            sender(entry.url, follow_redirects="true", **client(server)) as made,
        ):
            assert made.send(transfer(small)).code == 201
        assert b"\r\nAuthorization: Bearer token-0" in entry.heard[0]
        assert b"uthorization" not in other.heard[0]
