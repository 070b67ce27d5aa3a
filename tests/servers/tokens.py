"""A small OAuth2 token server on loopback, and a server that takes uploads with its tokens."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Optional
from urllib.parse import parse_qs, unquote_plus

import gevent

from .faulty import Conversation, faulty

CLIENT, SECRET = "load:er", "s3cr€t +&%"


@dataclass
class Tokens:
    """The behaviour of the token server, and the requests that both have seen."""

    life: Optional[float] = None  # seconds; None: it does not say, and tokens are good for ever
    delay: float = 0.0  # seconds before each answer
    in_body: bool = False  # True: name and secret are taken from the body alone
    unknown: tuple[str, bytes] = ("401 Unauthorized", b'{"error": "invalid_client"}')
    success: str = "200 OK"
    fault: Optional[tuple[str, bytes]] = None  # status and body in place of a token
    url: str = ""
    upload_url: str = ""
    asked: list[dict[str, list[str]]] = field(default_factory=list)  # the forms
    given: dict[str, float] = field(default_factory=dict)  # token → when it ends
    taken: list[bytes] = field(default_factory=list)  # the bodies of uploads
    refused: int = 0  # uploads that got a 401
    used: set[str] = field(default_factory=set)

    def revoke(self) -> None:
        """Let no token be good that was given until now."""
        self.given = dict.fromkeys(self.given, 0.0)

    def give(self, client: Conversation) -> None:
        """Answer as a token server."""
        while request := client.read_request():
            head, _, form = request.decode().partition("\r\n\r\n")
            fields = parse_qs(form, strict_parsing=True)
            self.asked.append(fields)
            given = ["".join(fields.get(name, [])) for name in ("client_id", "client_secret")]
            status, answer = self._judged(tuple(given) if self.in_body else _basic(head))
            gevent.sleep(self.delay)  # a part of the token's life
            client.answer(status, answer)

    def _judged(self, given: tuple[str, ...]) -> tuple[str, bytes]:
        if given != (CLIENT, SECRET):
            return self.unknown
        return self.fault or (self.success, json.dumps(self._new_token()).encode())

    def _new_token(self) -> dict[str, Any]:
        token = f"token-{len(self.given)}-{base64.b64encode(str(id(self)).encode()).decode()}"
        life = self.life
        self.given[token] = time.monotonic() + (3600 if life is None else life)
        made: dict[str, Any] = {"access_token": token, "token_type": "bearer"}
        return made if life is None else {**made, "expires_in": life}

    def take(self, client: Conversation) -> None:
        """Judge an upload by its head, and then read it."""
        while head := client.read_head().decode():
            token = _header(head, "authorization").partition("Bearer ")[2]
            good = time.monotonic() < self.given.get(token, 0.0)
            body = client.read(int(_header(head, "content-length")))
            self.used.add(token)
            if good:
                self.taken.append(body)
                client.answer("201 Created")
            else:
                self.refused += 1
                said = f"no good token: {token}".encode()
                client.answer("401 Unauthorized", said, "WWW-Authenticate: Bearer")


def _header(head: str, name: str) -> str:
    for line in head.split("\r\n"):
        key, _, value = line.partition(":")
        if key.lower() == name:
            return value.strip()
    return ""


def _basic(head: str) -> tuple[str, ...]:
    pair = base64.b64decode(_header(head, "authorization").partition("Basic ")[2]).decode()
    user, _, secret = pair.partition(":")
    return unquote_plus(user), unquote_plus(secret)


@contextlib.contextmanager
def tokens(**given: Any) -> Iterator[Tokens]:
    """Run both servers for the length of a block."""
    made = Tokens(**given)
    with faulty(made.give) as giving, faulty(made.take) as taking:
        made.url, made.upload_url = f"{giving.url}/token", f"{taking.url}/up"
        yield made
