"""TCP connections opened for a job."""

from __future__ import annotations

import gc
import resource
import socket
from collections.abc import Iterator
from contextlib import closing, suppress

import gevent
import pytest

from fthg.clock import Clock
from fthg.errors import TransferError
from fthg.protocols.dial import Dialer
from fthg.protocols.options import Options
from fthg.protocols.resolver import DOUBTED, LookUp, resolve
from tests.servers import free_port

from .names import Names, SteppedClock

LOOPBACK = "127.0.0.1"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0), backlog=64) as server:
        yield server


def port_of(server: socket.socket) -> int:
    port: int = server.getsockname()[1]
    return port


def dialer_of(connect_timeout: float, clock: Clock, look_up: LookUp = resolve) -> Dialer:
    return Dialer(Options(connect_timeout=connect_timeout, addresses="first"), clock, look_up)


def failure(dialer: Dialer, host: str, port: int) -> TransferError:
    with pytest.raises(TransferError) as caught:
        dialer.dial(host, port)
    return caught.value


def test_a_connection_sends_small_writes_at_once(listener: socket.socket) -> None:
    with closing(dialer_of(5, Clock())) as dialer, dialer.dial(LOOPBACK, port_of(listener)) as made:
        assert made.getpeername() == listener.getsockname()
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert made.gettimeout() is None


def test_a_name_leads_to_its_address(listener: socket.socket) -> None:
    with (
        closing(dialer_of(5, Clock())) as dialer,
        dialer.dial("localhost", port_of(listener)) as made,
    ):
        assert made.getpeername() == listener.getsockname()


def test_the_second_address_is_tried_when_the_first_refuses(listener: socket.socket) -> None:
    dialer = dialer_of(5, Clock(), Names("127.0.0.2", LOOPBACK))
    with closing(dialer), dialer.dial("twofold.example", port_of(listener)) as made:
        assert made.getpeername() == listener.getsockname()


def test_a_refusal_names_host_port_and_each_address() -> None:
    port = free_port()
    with closing(dialer_of(5, Clock(), Names(LOOPBACK, "127.0.0.2"))) as dialer:
        refused = failure(dialer, "twofold.example", port)
    assert refused.kind == "refused"
    assert refused.detail == (
        f"twofold.example port {port}: 127.0.0.1: Connection refused; 127.0.0.2: Connection refused"
    )


def test_a_server_without_a_route_is_unreachable() -> None:
    with closing(dialer_of(5, Clock(), Names("255.255.255.255"))) as dialer:
        unreachable = failure(dialer, "nowhere.example", 9)
    assert unreachable.kind == "unreachable"
    assert "255.255.255.255" in unreachable.detail


def test_a_server_that_swallows_packets_costs_no_more_than_connect_timeout() -> None:
    with socket.socket() as full:
        full.bind((LOOPBACK, 0))
        full.listen(0)
        port = port_of(full)
        taken = socket.create_connection((LOOPBACK, port))  # the only place in the queue
        with taken, closing(dialer_of(0.2, Clock())) as dialer, gevent.Timeout(10):
            silent = failure(dialer, LOOPBACK, port)
    assert silent.kind == "connect_timeout"
    assert f"{LOOPBACK} port {port}" in silent.detail
    assert "0.2s" in silent.detail


def test_a_server_that_has_moved_is_found_within_a_second_of_the_first_refusal(
    listener: socket.socket,
) -> None:
    clock, names = SteppedClock(), Names("127.0.0.2")
    port = port_of(listener)
    with closing(dialer_of(5, clock, names)) as dialer:
        assert failure(dialer, "files.example", port).kind == "refused"
        names.answers = (LOOPBACK,)
        clock.moment = DOUBTED - 1
        assert failure(dialer, "files.example", port).kind == "refused"
        assert names.questions == 1
        clock.moment = DOUBTED
        dialer.dial("files.example", port).close()
        assert names.questions == 2


def test_a_name_server_that_hangs_costs_connect_timeout_and_delays_no_other_dialer(
    listener: socket.socket,
) -> None:
    hanging, port = Names(hangs=True), port_of(listener)
    jobs = [dialer_of(1, Clock(), hanging) for _ in range(12)]
    waiting = [gevent.spawn(failure, job, "silent.example", port) for job in jobs]
    gevent.sleep(0.05)
    with closing(dialer_of(5, Clock(), Names(LOOPBACK))) as well, gevent.Timeout(0.9):
        well.dial("files.example", port).close()
    for given_up in gevent.joinall(waiting, timeout=10, raise_error=True):
        assert given_up.value.kind == "dns"
        assert "did not answer within connect_timeout (1s)" in given_up.value.detail
    for job in jobs:
        job.close()
    hanging.held.release()


def test_nothing_is_dialled_once_the_job_has_ended(listener: socket.socket) -> None:
    dialer = dialer_of(5, Clock())
    dialer.close()
    assert "the job has ended" in failure(dialer, LOOPBACK, port_of(listener)).detail


def test_a_lack_of_descriptors_is_reported_as_such(listener: socket.socket) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    dialer = dialer_of(5, Clock(), Names(LOOPBACK))
    dialer.dial("files.example", port_of(listener)).close()
    held: list[socket.socket] = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        with pytest.raises(TransferError) as caught:
            held.extend(dialer.dial("files.example", port_of(listener)) for _ in range(100))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for made in held:
            made.close()
        dialer.close()
    assert caught.value.kind == "descriptors"
    assert "ulimit -n" in caught.value.detail


def test_a_killed_call_leaves_no_descriptor_behind() -> None:
    with socket.socket() as full:
        full.bind((LOOPBACK, 0))
        full.listen(0)
        port = port_of(full)
        with socket.create_connection((LOOPBACK, port)), closing(dialer_of(20, Clock())) as dialer:
            probe = socket.socket()
            lowest = probe.fileno()
            probe.close()
            calling = gevent.spawn(dialer.dial, LOOPBACK, port)
            gevent.sleep(0.05)
            calling.kill(timeout=5)
            with socket.socket() as again:
                assert again.fileno() == lowest


def test_a_failure_leaves_no_cycle_that_only_the_collector_could_clear() -> None:
    port = free_port()
    with closing(dialer_of(5, Clock())) as dialer:
        failure(dialer, LOOPBACK, port)
        gc.collect()
        gc.disable()
        try:
            for _ in range(20):
                with suppress(TransferError):
                    dialer.dial(LOOPBACK, port)
            assert gc.collect() < 20
        finally:
            gc.enable()
