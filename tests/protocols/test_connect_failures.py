"""Kinds and words of attempts to connect that failed."""

from __future__ import annotations

import errno
import socket

import pytest

from fthg.peer import Peer
from fthg.protocols.addresses import Address
from fthg.protocols.connect_failures import explain, no_connection
from fthg.protocols.race import Failed

HERE = Address(socket.AF_INET, ("192.0.2.77", 0))


def failed(
    number: int,
    seconds: float = 0.0,
    host: str = "192.0.2.1",
    *,
    bound: bool = True,
    **source: Address,
) -> Failed:
    address = Address(socket.AF_INET, (host, 443))
    return Failed(address, number, seconds, 40_000, bound=bound, **source)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ECONNREFUSED, "refused"),
        (errno.ECONNRESET, "refused"),
        (errno.ENETUNREACH, "unreachable"),
        (errno.EHOSTUNREACH, "unreachable"),
        (errno.ETIMEDOUT, "connect_timeout"),
        (errno.EADDRNOTAVAIL, "ports"),
        (errno.EMFILE, "descriptors"),
        (errno.ENFILE, "descriptors"),
    ],
)
def test_every_error_has_its_kind(number: int, kind: str) -> None:
    failure = explain(failed(number), 10)
    assert failure.kind == kind
    assert failure.reason
    assert "192.0.2.1" not in failure.reason


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1.99999, "no answer within connect_timeout (2s)"),
        (7.0, "no answer within connect_timeout (2s)"),
        (1.75, "no answer within 1.8 s"),
        (0.2513, "no answer within 0.25 s"),
    ],
)
def test_a_wait_that_was_cut_short_is_given_as_it_was(seconds: float, text: str) -> None:
    assert explain(failed(errno.ETIMEDOUT, seconds), 2).reason == text


def test_the_kernel_may_give_up_before_connect_timeout() -> None:
    assert explain(failed(errno.ETIMEDOUT, 127.3), 600).reason == "no answer within 127.3 s"


def test_an_error_names_the_server_each_address_and_the_connection_tried_first() -> None:
    failures = [
        explain(failed(errno.ECONNREFUSED), 10),
        explain(failed(errno.ETIMEDOUT, 10, "192.0.2.2"), 10),
    ]
    error = no_connection(failures, "files.example", 443)
    assert error.kind == "refused"
    assert error.detail == (
        "files.example port 443: 192.0.2.1: Connection refused; "
        "192.0.2.2: no answer within connect_timeout (10s)"
    )
    assert error.peer == Peer("192.0.2.1:443", 40_000, reused=False)


def test_a_limit_of_this_host_does_not_hide_what_a_server_did() -> None:
    failures = [
        explain(failed(errno.EADDRNOTAVAIL), 10),
        explain(failed(errno.ECONNREFUSED, host="192.0.2.2"), 10),
    ]
    error = no_connection(failures, "files.example", 443)
    assert error.kind == "refused"
    assert error.peer == Peer("192.0.2.2:443", 40_000, reused=False)


def test_a_limit_of_this_host_alone_is_named_once() -> None:
    failures = [explain(failed(errno.EMFILE, host=f"192.0.2.{n}"), 10) for n in (1, 2)]
    error = no_connection(failures, "files.example", 443)
    assert error.kind == "descriptors"
    assert error.detail.count("ulimit -n") == 1
    assert "192.0.2" not in error.detail


def test_an_address_that_is_its_own_name_is_named_once() -> None:
    error = no_connection([explain(failed(errno.ECONNREFUSED), 10)], "192.0.2.1", 443)
    assert error.detail == "192.0.2.1 port 443: Connection refused"


@pytest.mark.parametrize(
    ("number", "kind", "reason"),
    [
        (errno.ECONNREFUSED, "refused", "Connection refused (from 192.0.2.77)"),
        (errno.ETIMEDOUT, "connect_timeout", "no answer within 0.00 s (from 192.0.2.77)"),
        (errno.EINVAL, "unreachable", "no route leads there from source (from 192.0.2.77)"),
    ],
)
def test_a_local_address_that_the_job_chose_is_named(number: int, kind: str, reason: str) -> None:
    failure = explain(failed(number, source=HERE), 10)
    assert (failure.kind, failure.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("number", "bound", "words"),
    [
        (errno.EADDRNOTAVAIL, True, "no local port is left at 192.0.2.77 for this server"),
        (errno.EADDRINUSE, True, "more addresses in source have more"),
        (errno.EADDRNOTAVAIL, False, "ip address add 192.0.2.77 dev INTERFACE"),
        (errno.EADDRNOTAVAIL, False, "this host has no address 192.0.2.77 any more (source)"),
    ],
)
def test_a_local_address_that_is_gone_is_told_from_one_without_a_port(
    number: int, bound: bool, words: str
) -> None:
    failure = explain(failed(number, source=HERE, bound=bound), 10)
    assert failure.kind == "ports"
    assert words in failure.reason
    assert "192.0.2.1:" not in no_connection([failure], "192.0.2.1", 443).detail
