"""An OAuth2 token server, which gives one token to one client."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator

from tests.servers.faulty import Conversation, faulty

CLIENT, SECRET = "load", "s3cret"


@contextlib.contextmanager
def running(token: str) -> Iterator[str]:
    """Run it for the length of a block; yield its URL."""
    pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode())
    answer = json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def give(client: Conversation) -> None:
        while request := client.read_request():
            if b"Basic " + pair in request and b"grant_type=client_credentials" in request:
                client.answer("200 OK", answer.encode())
            else:
                client.answer("401 Unauthorized")

    with faulty(give) as server:
        yield f"{server.url}/token"
