"""Errors of this very host, made by the kernel where that is possible."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable

import pytest
from gevent import monkey

from fthg.errors import HOST_LIMITS
from fthg.protocols.host_limits import host_limit

_start_thread = monkey.get_original("_thread", "start_new_thread")
_stack_size = monkey.get_original("_thread", "stack_size")


def no_address() -> None:
    with socket.socket() as stream:
        stream.bind(("192.0.2.1", 0))  # for documentation: no host has it


def no_thread() -> None:
    before = _stack_size(1 << 46)  # half of all addresses
    try:
        _start_thread(int, ())
    finally:
        _stack_size(before)


def no_descriptor() -> None:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def none_on_the_host() -> None:
    raise OSError(errno.ENFILE, os.strerror(errno.ENFILE))


@pytest.mark.parametrize(
    ("cause", "kind", "named"),
    [
        (no_descriptor, "descriptors", "ulimit -n"),
        (none_on_the_host, "descriptors", "fs.file-max"),
        (no_address, "ports", "ip_local_port_range"),
        (no_thread, "threads", "ulimit -u"),
    ],
)
def test_a_limit_of_this_host_is_a_kind_of_its_own(
    cause: Callable[[], None], kind: str, named: str
) -> None:
    with pytest.raises((OSError, RuntimeError)) as caught:
        cause()
    failure = host_limit(caught.value, "server.example port 22")
    assert failure is not None
    assert failure.kind == kind
    assert kind in HOST_LIMITS
    assert failure.detail.startswith("server.example port 22: ")
    assert named in failure.detail


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ECONNREFUSED, "Connection refused"),
        OSError(errno.EAGAIN, "Resource temporarily unavailable"),
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
        socket.timeout("timed out"),
        RuntimeError("generator raised StopIteration"),
        ValueError("x"),
    ],
)
def test_other_errors_are_none(error: Exception) -> None:
    assert host_limit(error, "here") is None
