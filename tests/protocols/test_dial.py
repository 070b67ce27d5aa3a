from __future__ import annotations

import errno
import gc
import resource
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress

import gevent
import pytest
from gevent import monkey

from fthg.clock import SECOND, Clock
from fthg.errors import TransferError
from fthg.protocols.dial import DOUBTED, REMEMBERED, Address, Dialer, Resolver, resolve
from tests.servers import free_port

LOOPBACK = "127.0.0.1"


class SteppedClock(Clock):
    def __init__(self) -> None:
        self.moment = 0

    def now(self) -> int:
        return self.moment


class Names:
    """A name server that counts its questions and can hang in its thread."""

    def __init__(self, *answers: str, hangs: bool = False) -> None:
        self.answers = answers
        self.questions = 0
        self.held = monkey.get_original("_thread", "allocate_lock")()
        if hangs:
            self.held.acquire()

    def __call__(self, _host: str, port: int) -> Sequence[Address]:
        self.questions += 1
        if self.held.acquire(timeout=20):
            self.held.release()
        return [Address(socket.AF_INET, (answer, port)) for answer in self.answers]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0), backlog=64) as server:
        yield server


def port_of(server: socket.socket) -> int:
    port: int = server.getsockname()[1]
    return port


def failure(dialer: Dialer, host: str, port: int) -> TransferError:
    with pytest.raises(TransferError) as caught:
        dialer.dial(host, port)
    return caught.value


def test_a_connection_sends_small_writes_at_once(listener: socket.socket) -> None:
    with closing(Dialer(5, Clock())) as dialer, dialer.dial(LOOPBACK, port_of(listener)) as made:
        assert made.getpeername() == listener.getsockname()
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert made.gettimeout() is None


def test_a_name_leads_to_its_address(listener: socket.socket) -> None:
    with closing(Dialer(5, Clock())) as dialer, dialer.dial("localhost", port_of(listener)) as made:
        assert made.getpeername() == listener.getsockname()


def test_an_address_needs_no_name_server(listener: socket.socket) -> None:
    names = Names()
    with closing(Dialer(5, Clock(), names)) as dialer, dialer.dial(LOOPBACK, port_of(listener)):
        assert names.questions == 0


def test_the_second_address_is_tried_when_the_first_refuses(listener: socket.socket) -> None:
    dialer = Dialer(5, Clock(), Names("127.0.0.2", LOOPBACK))
    with closing(dialer), dialer.dial("twofold.example", port_of(listener)) as made:
        assert made.getpeername() == listener.getsockname()


def test_a_refusal_names_host_port_and_each_address() -> None:
    port = free_port()
    with closing(Dialer(5, Clock(), Names(LOOPBACK, "127.0.0.2"))) as dialer:
        refused = failure(dialer, "twofold.example", port)
    assert refused.kind == "refused"
    assert refused.detail == (
        f"twofold.example port {port}: 127.0.0.1: Connection refused; 127.0.0.2: Connection refused"
    )


def test_a_server_without_a_route_is_unreachable() -> None:
    with closing(Dialer(5, Clock(), Names("255.255.255.255"))) as dialer:
        unreachable = failure(dialer, "nowhere.example", 9)
    assert unreachable.kind == "unreachable"
    assert "255.255.255.255" in unreachable.detail


def test_a_server_that_swallows_packets_costs_no_more_than_connect_timeout() -> None:
    with socket.socket() as full:
        full.bind((LOOPBACK, 0))
        full.listen(0)
        port = port_of(full)
        taken = socket.create_connection((LOOPBACK, port))  # the only place in the queue
        with taken, closing(Dialer(0.2, Clock())) as dialer, gevent.Timeout(10):
            silent = failure(dialer, LOOPBACK, port)
    assert silent.kind == "connect_timeout"
    assert f"{LOOPBACK} port {port}" in silent.detail
    assert "0.2s" in silent.detail


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".example", "a..b"])
def test_a_name_that_does_not_exist_is_a_failure_of_dns(host: str) -> None:
    def absent(host: str, port: int) -> Sequence[Address]:
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, port)

    with closing(Dialer(5, Clock(), absent)) as dialer:
        unknown = failure(dialer, host, 443)
    assert unknown.kind == "dns"
    assert f"{host} port 443: " in unknown.detail


def test_a_name_without_an_address_is_a_failure_of_dns() -> None:
    with closing(Dialer(5, Clock(), Names())) as dialer:
        assert "no address" in failure(dialer, "bare.example", 443).detail


def test_an_answer_is_remembered_and_asked_for_again_later(listener: socket.socket) -> None:
    clock, names = SteppedClock(), Names(LOOPBACK)
    with closing(Dialer(5, clock, names)) as dialer:
        for moment, questions in ((0, 1), (REMEMBERED - 1, 1), (REMEMBERED, 2)):
            clock.moment = moment
            dialer.dial("files.example", port_of(listener)).close()
            assert names.questions == questions


def test_a_server_that_has_moved_is_found_within_a_second_of_the_first_refusal(
    listener: socket.socket,
) -> None:
    clock, names = SteppedClock(), Names("127.0.0.2")
    port = port_of(listener)
    with closing(Dialer(5, clock, names)) as dialer:
        assert failure(dialer, "files.example", port).kind == "refused"
        names.answers = (LOOPBACK,)
        clock.moment = DOUBTED - 1
        assert failure(dialer, "files.example", port).kind == "refused"
        assert names.questions == 1
        clock.moment = DOUBTED
        dialer.dial("files.example", port).close()
        assert names.questions == 2


def test_a_failed_look_up_is_not_remembered(listener: socket.socket) -> None:
    names = Names()
    with closing(Dialer(5, Clock(), names)) as dialer:
        assert failure(dialer, "files.example", port_of(listener)).kind == "dns"
        names.answers = (LOOPBACK,)
        dialer.dial("files.example", port_of(listener)).close()


def test_all_who_ask_at_once_share_one_look_up(listener: socket.socket) -> None:
    names = Names(LOOPBACK, hangs=True)
    with closing(Dialer(5, Clock(), names)) as dialer:
        asking = [gevent.spawn(dialer.dial, "files.example", port_of(listener)) for _ in range(20)]
        gevent.sleep(0.05)
        names.held.release()
        for made in gevent.joinall(asking, timeout=10, raise_error=True):
            made.value.close()
    assert names.questions == 1


def test_one_who_is_killed_leaves_the_look_up_to_the_others(listener: socket.socket) -> None:
    names = Names(LOOPBACK, hangs=True)
    with closing(Dialer(5, Clock(), names)) as dialer:
        first, second = (
            gevent.spawn(dialer.dial, "files.example", port_of(listener)) for _ in range(2)
        )
        gevent.sleep(0.05)
        first.kill(timeout=5)
        names.held.release()
        second.get(timeout=5).close()


def test_a_name_server_that_hangs_costs_connect_timeout_and_delays_no_other_dialer(
    listener: socket.socket,
) -> None:
    hanging, port = Names(hangs=True), port_of(listener)
    jobs = [Dialer(1, Clock(), hanging) for _ in range(12)]
    waiting = [gevent.spawn(failure, job, "silent.example", port) for job in jobs]
    gevent.sleep(0.05)
    with closing(Dialer(5, Clock(), Names(LOOPBACK))) as well, gevent.Timeout(0.9):
        well.dial("files.example", port).close()
    for given_up in gevent.joinall(waiting, timeout=10, raise_error=True):
        assert given_up.value.kind == "dns"
        assert "did not answer within connect_timeout (1s)" in given_up.value.detail
    for job in jobs:
        job.close()
    hanging.held.release()


def test_closing_fails_those_who_wait_and_ends_the_thread() -> None:
    names = Names(hangs=True)
    before = threading.active_count()
    dialer = Dialer(20, Clock(), names)
    waiting = gevent.spawn(failure, dialer, "silent.example", 9)
    gevent.sleep(0.05)
    dialer.close()
    assert waiting.get(timeout=5).kind == "dns"
    names.held.release()
    gevent.sleep(0.2)
    assert threading.active_count() == before


def test_nothing_is_dialled_once_the_job_has_ended(listener: socket.socket) -> None:
    dialer = Dialer(5, Clock())
    dialer.close()
    assert "the job has ended" in failure(dialer, LOOPBACK, port_of(listener)).detail


def test_too_few_descriptors_are_named_for_what_they_are(listener: socket.socket) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    dialer = Dialer(5, Clock(), Names(LOOPBACK))
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


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_a_look_up_without_descriptors_is_no_failure_of_dns(number: int) -> None:
    def starved(host: str, port: int) -> Sequence[Address]:
        raise OSError(number, "Too many open files")

    starving: Resolver = starved
    with closing(Dialer(5, Clock(), starving)) as dialer:
        assert failure(dialer, "files.example", 9).kind == "descriptors"


def test_a_killed_call_leaves_no_descriptor_behind() -> None:
    with socket.socket() as full:
        full.bind((LOOPBACK, 0))
        full.listen(0)
        port = port_of(full)
        with socket.create_connection((LOOPBACK, port)), closing(Dialer(20, Clock())) as dialer:
            probe = socket.socket()
            lowest = probe.fileno()
            probe.close()
            calling = gevent.spawn(dialer.dial, LOOPBACK, port)
            gevent.sleep(0.05)
            calling.kill(timeout=5)
            with socket.socket() as again:
                assert again.fileno() == lowest


def test_an_answer_outlives_no_more_than_its_time() -> None:
    assert 10 * SECOND <= REMEMBERED <= 60 * SECOND


def test_a_failure_leaves_no_cycle_that_only_the_collector_could_clear() -> None:
    port = free_port()
    with closing(Dialer(5, Clock())) as dialer:
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
