"""Makes senders and transfers as a job does."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

import pytest
import voluptuous as vol

from fthg.clock import Clock
from fthg.errors import TransferError
from fthg.placeholders import Template
from fthg.protocols.http import HttpSender
from fthg.protocols.http.options import HttpOptions
from fthg.protocols.options import make_options
from fthg.transfer import Sent, Transfer

COMMON: dict[str, Any] = {
    "job": "orders",
    "timeout": 20.0,
    "connect_timeout": 10.0,
    "connections": 8,
    "reuse": True,
    "limit_rate": None,
    "connect_to": None,
}


def options(url: str, **given: Any) -> HttpOptions:
    common = {key: given.pop(key, default) for key, default in COMMON.items()}
    data = vol.Schema(HttpSender.keys)(given)
    return make_options(HttpOptions, data, url=Template(url), **common)


@contextmanager
def sender(url: str, clock: Optional[Clock] = None, **given: Any) -> Iterator[HttpSender]:
    made = HttpSender(options(url, **given), clock or Clock())
    try:
        yield made
    finally:
        made.close()


def transfer(path: Path, name: str = "", seq: int = 0) -> Transfer:
    made = uuid.UUID(int=0x1000 + seq)
    size = path.stat().st_size if path.exists() else 0
    return Transfer("orders", seq, str(made), str(path), name or path.name, size, time.time_ns())


def send(url: str, path: Path, **given: Any) -> Sent:
    with sender(url, **given) as made:
        return made.send(transfer(path))


def failed(made: HttpSender, sent: Transfer) -> TransferError:
    with pytest.raises(TransferError) as caught:
        made.send(sent)
    return caught.value


def failure(url: str, path: Path, **given: Any) -> TransferError:
    with sender(url, **given) as made:
        return failed(made, transfer(path))
