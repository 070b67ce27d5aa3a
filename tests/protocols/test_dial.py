"""TCP connections opened for a job."""

from __future__ import annotations

import gc
import logging
import resource
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from typing import Any

import gevent
import pytest

from fthg.clock import SECOND, Clock
from fthg.errors import StartError, TransferError
from fthg.placeholders import Template
from fthg.protocols.addresses import AVOIDED, Address
from fthg.protocols.dial import Dialer
from fthg.protocols.endpoint import Endpoint
from fthg.protocols.look_ups import LookUp, LookUps, resolve
from fthg.protocols.options import Options
from fthg.protocols.resolver import DOUBTED, REMEMBERED
from tests.servers import free_port

from .names import Names, SteppedClock
from .silence import silence

LOOPBACK = "127.0.0.1"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0), backlog=64) as server:
        yield server


def port_of(server: socket.socket) -> int:
    port: int = server.getsockname()[1]
    return port


def dialer_of(
    connect_timeout: float, clock: Clock, look_up: LookUp = resolve, addresses: str = "first"
) -> Dialer:
    return Dialer(
        Options(connect_timeout=connect_timeout, addresses=addresses), clock, LookUps(look_up)
    )


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
    with silence(LOOPBACK) as full, closing(dialer_of(0.2, Clock())) as dialer, gevent.Timeout(10):
        port = port_of(full)
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
    with silence(LOOPBACK) as full, closing(dialer_of(20, Clock())) as dialer:
        probe = socket.socket()
        lowest = probe.fileno()
        probe.close()
        calling = gevent.spawn(dialer.dial, LOOPBACK, port_of(full))
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


def attempts(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [
        {"event": record.msg, **vars(record)["fields"]}
        for record in caplog.records
        if record.msg in ("connected", "connection attempt failed")
    ]


def test_a_dead_address_costs_time_once_and_is_named_in_the_log(
    listener: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "fthg.dial")
    port = port_of(listener)
    with (
        silence("127.0.0.2", port),
        closing(dialer_of(20, Clock(), Names("127.0.0.2", LOOPBACK))) as dialer,
    ):
        for _ in range(3):
            dialer.dial("twofold.example", port).close()
    failed, *connected = attempts(caplog)
    seconds = failed.pop("seconds")
    assert 0.25 <= seconds < 10
    measured = f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    assert failed == {
        "event": "connection attempt failed",
        "host": "twofold.example",
        "remote": "127.0.0.2",
        "remote_port": port,
        "kind": "connect_timeout",
        "reason": f"no answer within {measured}",
    }
    assert [(each["remote"], each.get("instead_of")) for each in connected] == [
        (LOOPBACK, "127.0.0.2"),
        (LOOPBACK, None),
        (LOOPBACK, None),
    ]


def test_an_address_that_does_not_answer_is_told_once_while_others_do(
    listener: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "fthg.dial")
    clock, port = SteppedClock(), port_of(listener)
    with closing(dialer_of(5, clock, Names("127.0.0.2", LOOPBACK), "rotate")) as dialer:
        for _ in range(6):
            dialer.dial("twofold.example", port).close()
        assert [each["remote"] for each in attempts(caplog)] == ["127.0.0.2"]
        clock.moment = AVOIDED
        for _ in range(6):
            dialer.dial("twofold.example", port).close()
    assert [each["reason"] for each in attempts(caplog)] == ["Connection refused"] * 2


def test_the_only_address_is_not_told_of_beside_the_failed_transfer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "fthg.dial")
    with closing(dialer_of(5, Clock())) as dialer:
        failure(dialer, LOOPBACK, free_port())
    assert not attempts(caplog)


def test_new_connections_go_to_the_addresses_of_a_name_in_turn() -> None:
    hosts = [f"127.0.0.{number}" for number in range(1, 9)]
    port = free_port()
    with ExitStack() as stack:
        for host in hosts:
            stack.enter_context(socket.create_server((host, port), backlog=64))
        dialer = stack.enter_context(
            closing(dialer_of(5, Clock(), Names(*hosts), addresses="rotate"))
        )
        reached = [
            stack.enter_context(dialer.dial("eightfold.example", port)).getpeername()[0]
            for _ in range(16)
        ]
    assert reached == hosts * 2


def test_only_a_question_to_a_name_server_is_a_phase_of_resolving(listener: socket.socket) -> None:
    phases: list[str] = []
    port = port_of(listener)
    with closing(dialer_of(5, Clock(), Names(LOOPBACK))) as dialer:
        for host in ("files.example", "files.example", LOOPBACK):
            dialer.dial(host, port, phases.append).close()
    assert phases == ["resolving", "connecting", "connecting", "connecting"]


def test_a_name_that_cannot_be_resolved_ends_in_the_phase_of_resolving() -> None:
    phases: list[str] = []
    with closing(dialer_of(5, Clock(), Names())) as dialer, pytest.raises(TransferError):
        dialer.dial("files.example", 9, phases.append)
    assert phases == ["resolving"]


def test_a_refusal_names_the_connection_that_was_tried() -> None:
    port = free_port()
    with closing(dialer_of(5, Clock())) as dialer:
        refused = failure(dialer, LOOPBACK, port)
    assert refused.peer is not None
    assert refused.peer.remote == f"{LOOPBACK}:{port}"
    assert refused.peer.local_port > 0


def test_a_zone_leads_to_its_interface() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        zoned = f"::1%{socket.if_nametoindex('lo')}"
        with closing(dialer_of(5, Clock())) as dialer, dialer.dial(zoned, port_of(server)) as made:
            assert made.getpeername()[:2] == server.getsockname()[:2]


def test_a_link_local_address_without_its_zone_says_what_is_missing() -> None:
    with closing(dialer_of(5, Clock())) as dialer:
        unreachable = failure(dialer, "fe80::5", 9)
    assert unreachable.kind == "unreachable"
    assert "[fe80::1%25eth0]" in unreachable.detail


def test_a_name_that_took_all_the_time_leaves_the_server_a_moment(
    listener: socket.socket,
) -> None:
    class Late(Names):
        def __call__(self, host: str, port: int) -> Sequence[Address]:
            clock.moment = 60 * SECOND
            return super().__call__(host, port)

    clock = SteppedClock()
    with closing(dialer_of(5, clock, Late(LOOPBACK))) as dialer:
        dialer.dial("files.example", port_of(listener)).close()


# --- where connections come from, and where they lead instead


def test_connections_come_from_the_local_addresses_in_turn(listener: socket.socket) -> None:
    options = Options(connect_timeout=5, source=("127.0.0.2", "127.0.0.3", "127.0.0.4"), part=1)
    seen = []
    with ExitStack() as stack:
        dialer = stack.enter_context(closing(Dialer(options, Clock())))
        for _ in range(4):
            stack.enter_context(dialer.dial(LOOPBACK, port_of(listener)))
            accepted, peer = listener.accept()
            stack.enter_context(accepted)
            seen.append(peer[0])
    assert seen == ["127.0.0.3", "127.0.0.4", "127.0.0.2", "127.0.0.3"]


def test_a_host_without_the_local_address_is_no_start() -> None:
    with pytest.raises(StartError, match=r"source: 192\.0\.2\.5: this host has no such address"):
        Dialer(Options(source=("192.0.2.5",)), Clock())


def test_a_server_of_the_other_family_only_cannot_be_reached_from_a_local_address() -> None:
    with closing(Dialer(Options(connect_timeout=5, source=("::1",)), Clock())) as dialer:
        unreachable = failure(dialer, LOOPBACK, 9)
    assert unreachable.kind == "unreachable"
    assert "source has no address of the family of 127.0.0.1, only ::1" in unreachable.detail


def test_a_refusal_names_the_local_address_that_the_job_chose() -> None:
    port = free_port()
    with closing(Dialer(Options(connect_timeout=5, source=("127.0.0.2",)), Clock())) as dialer:
        refused = failure(dialer, LOOPBACK, port)
    assert refused.detail == f"{LOOPBACK} port {port}: Connection refused (from 127.0.0.2)"


def led(port: int, host: str = LOOPBACK) -> Options:
    return Options(
        url=Template("https://orders.example.com/in"),
        connect_timeout=5,
        connect_to=Endpoint(host, port),
    )


def test_connect_to_stands_in_place_of_the_urls_host_and_port(listener: socket.socket) -> None:
    names = Names(LOOPBACK)
    options = led(port_of(listener), "elsewhere.example")
    with (
        closing(Dialer(options, Clock(), LookUps(names))) as dialer,
        dialer.reach("orders.example.com", 443) as made,
    ):
        assert made.getpeername() == listener.getsockname()
        with dialer.reach("proxy.example", port_of(listener)) as other:
            assert other.getpeername() == listener.getsockname()
    assert names.questions == 2  # never for orders.example.com


def test_connect_to_leaves_other_servers_alone(listener: socket.socket) -> None:
    with closing(Dialer(led(9), Clock())) as dialer:
        for port in (80, 444):
            assert led(9).destination("orders.example.com", port).port == port
        dialer.reach(LOOPBACK, port_of(listener)).close()


def test_an_error_names_the_server_and_where_connect_to_leads() -> None:
    port = free_port()
    with closing(Dialer(led(port), Clock())) as dialer, pytest.raises(TransferError) as caught:
        dialer.reach("orders.example.com", 443)
    assert caught.value.kind == "refused"
    assert caught.value.detail == (
        f"orders.example.com port 443, at {LOOPBACK} port {port}: Connection refused"
    )
    assert caught.value.peer is not None
    assert caught.value.peer.remote == f"{LOOPBACK}:{port}"


def test_new_addresses_of_a_name_take_their_turns_once_the_answer_is_old() -> None:
    clock, names, port = SteppedClock(), Names("127.0.0.2", "127.0.0.3"), free_port()
    with ExitStack() as stack:
        for number in range(2, 6):
            stack.enter_context(socket.create_server((f"127.0.0.{number}", port), backlog=64))
        dialer = stack.enter_context(closing(dialer_of(5, clock, names, addresses="rotate")))

        def reached() -> list[str]:
            made = [stack.enter_context(dialer.dial("files.example", port)) for _ in range(4)]
            return [each.getpeername()[0] for each in made]

        assert reached() == ["127.0.0.2", "127.0.0.3"] * 2
        names.answers = ("127.0.0.3", "127.0.0.4", "127.0.0.5")
        assert reached() == ["127.0.0.2", "127.0.0.3"] * 2
        clock.moment = REMEMBERED
        assert sorted(set(reached())) == ["127.0.0.3", "127.0.0.4", "127.0.0.5"]
