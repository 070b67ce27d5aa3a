"""Uploads with digest authentication: one nonce for all, and no file twice or empty."""

from __future__ import annotations

import hashlib
import random
import re
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import gevent
import pytest
from gevent.pool import Pool

from fthg.protocols.http.auth.challenges import parse_parameters
from tests.servers import apache
from tests.servers.faulty import Conversation, faulty
from tests.servers.inventory import stored
from tests.servers.web_store import WebStore

from ..jobs import failed, sender, transfer

LOGIN = {"digest": {"user": "loader", "password": "s3cr:et ü"}}
REALM = "uploads here"


class Realm:
    """The script of a server that knows one user, and judges each request by its head."""

    def __init__(self, challenge: str = 'qop="auth", algorithm=MD5', once: bool = False) -> None:
        self.challenge = challenge
        self.name = "md5"
        self.once = once  # each nonce may be used once
        self.nonce = 0
        self.stale: Callable[[], bool] = lambda: False
        self.counts: list[tuple[str, str]] = []
        self.taken: list[tuple[str, bytes]] = []
        self.unauthorized = 0
        self.more: tuple[str, ...] = ()

    def __call__(self, client: Conversation) -> None:
        while head := client.read_head().decode():
            line, _, rest = head.partition("\r\n")
            fields = {
                name.lower(): value.strip()
                for name, _, value in (each.partition(":") for each in rest.split("\r\n"))
            }
            body = client.read(int(fields["content-length"]))
            if self.good(line.split()[0], line.split()[1], fields.get("authorization", "")):
                self.taken.append((line.split()[1], body))
                client.answer("201 Created", b"", *self.more)
            else:
                self.unauthorized += 1
                self.nonce += 1
                stale = ", stale=true" if self.stale() else ""
                asked = f'Digest realm="{REALM}", nonce="n{self.nonce}", {self.challenge}{stale}'
                client.answer("401 Unauthorized", b"", f"WWW-Authenticate: {asked}")

    def good(self, method: str, target: str, value: str) -> bool:
        if not value.startswith("Digest "):
            return False
        said = parse_parameters(value[7:])
        used = said["nonce"], said.get("nc", "")
        if said["nonce"] != f"n{self.nonce}" or (used in self.counts and said.get("nc")):
            return False
        if self.once and any(nonce == said["nonce"] for nonce, _ in self.counts):
            return False
        first = self._hash(f"loader:{REALM}:s3cr:et ü")
        if said["uri"] != target:
            return False
        second = self._hash(f"{method}:{target}")
        middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:auth" if "nc" in said else "n1"
        self.counts.append(used)
        return said["response"] == self._hash(f"{first}:{middle}:{second}")

    def _hash(self, text: str) -> str:
        return hashlib.new(self.name, text.encode()).hexdigest()


def test_one_nonce_is_learned_for_all_transfers(small: Path) -> None:
    realm = Realm()
    with faulty(realm) as server, sender(f"{server.url}/in?n={{seq}}", auth=LOGIN) as made:
        sending = [gevent.spawn(made.send, transfer(small, seq=number)) for number in range(20)]
        assert {each.get(timeout=20).code for each in sending} == {201}
    assert sorted(realm.taken) == sorted((f"/in?n={n}", b"<order/>") for n in range(20))
    assert realm.unauthorized == 1
    assert sorted(realm.counts) == [("n1", f"{count:08x}") for count in range(1, 21)]
    assert "authenticating" in sending[1].get().phases


@pytest.mark.parametrize(
    ("challenge", "name"),
    [
        ('qop="auth-int,auth", algorithm=SHA-256, opaque="x y"', "sha256"),
        ("algorithm=MD5", "md5"),
        ('qop=""', "md5"),
        ("", "md5"),
    ],
)
def test_algorithms(small: Path, challenge: str, name: str) -> None:
    realm = Realm(challenge)
    realm.name = name
    with faulty(realm) as server, sender(f"{server.url}/a%20b", auth=LOGIN) as made:
        assert made.send(transfer(small)).code == 201
        assert made.send(transfer(small)).code == 201
    assert realm.taken == [("/a%20b", b"<order/>")] * 2


@pytest.mark.parametrize("stale", [True, False])
def test_a_nonce_that_has_ended_is_renewed(small: Path, large: Path, stale: bool) -> None:
    realm = Realm()
    realm.stale = lambda: stale
    with faulty(realm) as server, sender(server.url, auth=LOGIN) as made:
        made.send(transfer(small))
        realm.nonce += 1
        sent = made.send(transfer(large))
        assert (sent.code, sent.bytes) == (201, large.stat().st_size), "that of the second time"
        assert made.send(transfer(small)).code == 201
    assert [len(body) for _, body in realm.taken] == [8, large.stat().st_size, 8]
    assert realm.unauthorized == 2


def test_the_next_nonce_that_a_server_names_is_used(small: Path) -> None:
    realm = Realm(once=True)
    with faulty(realm) as server, sender(server.url, auth=LOGIN) as made:
        for number in range(5):
            realm.more = (f'Authentication-Info: qop=auth, nextnonce="n{number + 2}"',)
            made.send(transfer(small))
            realm.nonce = number + 2
    assert (realm.unauthorized, len(realm.taken)) == (1, 5)
    assert {count for _, count in realm.counts} == {"00000001"}


def test_a_wrong_password_is_refused_once_for_each_transfer(small: Path) -> None:
    realm = Realm()
    wrong = {"digest": {"user": "loader", "password": "wrong"}}
    with faulty(realm) as server, sender(server.url, auth=wrong) as made:
        errors = [failed(made, transfer(small, seq=number)) for number in range(5)]
    assert {(error.kind, error.code) for error in errors} == {("status", 401)}
    assert (realm.unauthorized, realm.taken) == (6, [])


def test_a_server_that_finds_each_nonce_stale_is_not_asked_for_ever(small: Path) -> None:
    realm = Realm()
    realm.stale = lambda: True
    wrong = {"digest": {"user": "loader", "password": "wrong"}}
    with faulty(realm) as server, sender(server.url, auth=wrong) as made:
        assert failed(made, transfer(small)).code == 401
    assert realm.unauthorized == 3


def test_a_server_that_takes_each_nonce_once_takes_every_file(small: Path) -> None:
    unused: set[str] = set()
    taken: list[bytes] = []
    delays = random.Random(1)

    def script(client: Conversation) -> None:
        while request := client.read_request():
            gevent.sleep(delays.uniform(0, 0.02))  # the order of the answers is another one
            said = re.search(rb'nonce="(\w+)"', request)
            nonce = said.group(1).decode() if said else ""
            if nonce in unused:
                unused.remove(nonce)
                taken.append(request)
                client.answer("201 Created")
                continue
            new = secrets.token_hex(8)
            unused.add(new)
            asked = f'Digest realm="{REALM}", nonce="{new}", qop="auth", stale=true'
            client.answer("401 Unauthorized", b"", f"WWW-Authenticate: {asked}")

    with faulty(script) as server, sender(server.url, auth=LOGIN) as made:
        made.send(transfer(small))
        pool = Pool(20)
        sending = [pool.spawn(made.send, transfer(small, seq=number)) for number in range(400)]
        assert {each.get(timeout=20).code for each in sending} == {201}
    assert len(taken) == 401


def test_a_url_in_the_target_is_signed_as_a_part_of_it(small: Path) -> None:
    realm = Realm()
    target = "/in?to=https://partner.example/x"
    with faulty(realm) as server, sender(f"{server.url}{target}", auth=LOGIN) as made:
        assert made.send(transfer(small)).code == 201
    assert realm.taken == [(target, b"<order/>")]


def test_integrity_of_the_body_alone_cannot_be_had(small: Path) -> None:
    with faulty(Realm("qop=auth-int")) as server, sender(server.url, auth=LOGIN) as made:
        error = failed(made, transfer(small))
    assert (error.kind, error.code) == ("auth", 401)
    assert "qop=auth-int" in error.detail


def test_a_server_that_lets_everyone_in_gets_each_file_once(small: Path) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer("201 Created")

    with faulty(script) as server, sender(server.url, auth=LOGIN) as made:
        sending = [gevent.spawn(made.send, transfer(small, seq=number)) for number in range(5)]
        assert {each.get(timeout=20).code for each in sending} == {201}
    assert [request.partition(b"\r\n\r\n")[2] for request in server.heard] == [b"<order/>"] * 5


def test_a_first_request_that_fails_leaves_the_others_to_learn(small: Path) -> None:
    realm = Realm()

    def script(client: Conversation) -> None:
        if client.number == 0:
            client.read_head()
            client.reset()
        else:
            realm(client)

    with faulty(script) as server, sender(server.url, auth=LOGIN) as made:
        assert failed(made, transfer(small)).kind == "reset"
        assert made.send(transfer(small)).code == 201


def test_an_answer_to_a_challenge_goes_to_no_other_host(small: Path) -> None:
    other = Realm()
    with faulty(other) as elsewhere:

        def script(client: Conversation) -> None:
            while client.read_request():
                client.answer("307 There", b"", f"Location: {elsewhere.url}/")

        with (
            faulty(script) as entry,
            sender(entry.url, auth=LOGIN, follow_redirects="true") as made,
        ):
            assert failed(made, transfer(small)).code == 401
            assert failed(made, transfer(small)).code == 401
    assert (other.unauthorized, other.counts, other.taken) == (2, [], [])


def test_by_a_proxy_the_path_is_what_is_signed(small: Path) -> None:
    realm = Realm()

    def script(client: Conversation) -> None:
        real = client.read_head

        def read_head() -> bytes:
            return real().replace(b"POST http://files.invalid/", b"POST /", 1)

        client.read_head = read_head  # type: ignore[method-assign]
        realm(client)

    with faulty(script) as proxy:
        url = "http://files.invalid/in?x=1"
        with sender(url, auth=LOGIN, proxy=proxy.url) as made:
            assert made.send(transfer(small)).code == 201
    assert realm.taken == [("/in?x=1", b"<order/>")]


@pytest.fixture(scope="module")
def dav() -> Iterator[WebStore]:
    with tempfile.TemporaryDirectory(prefix="fthg-users-") as directory:
        Path(directory).chmod(0o755)  # for the user that Apache runs as
        users = Path(directory) / "users"
        hashed = hashlib.md5(f"loader:{REALM}:secret".encode()).hexdigest()
        users.write_text(f"loader:{REALM}:{hashed}\n")
        with apache.running(*protected(users), modules=MODULES) as store:
            yield store


MODULES = ("authn_core", "authn_file", "authz_user", "auth_digest")


def protected(users: Path) -> list[str]:
    return [
        "<Location />",
        "  AuthType Digest",
        f'  AuthName "{REALM}"',
        "  AuthDigestProvider file",
        "  AuthDigestNonceLifetime 1",
        f"  AuthUserFile {users}",
        "  Require valid-user",
        "</Location>",
    ]


def test_apache_takes_each_file_once_while_nonces_end_every_second(
    dav: WebStore, small: Path, large: Path
) -> None:
    login: dict[str, Any] = {"digest": {"user": "loader", "password": "secret"}}
    url = f"{dav.url}/{{seq}}-{{filename}}"
    with sender(url, auth=login, method="PUT") as made:
        for number in range(30):
            assert made.send(transfer(small, seq=number)).code == 201
            gevent.sleep(0.1)
        assert made.send(transfer(large, seq=30)).bytes == large.stat().st_size
    expected = {f"{number}-order.xml": stored(small) for number in range(30)}
    assert dav.inventory() == {**expected, "30-large.bin": stored(large)}
