"""Host names looked up, and their addresses remembered."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Sequence
from contextlib import closing

import gevent
import pytest

from fthg.clock import SECOND, Clock
from fthg.errors import TransferError
from fthg.protocols.addresses import Address
from fthg.protocols.look_ups import LookUp, LookUps, resolve
from fthg.protocols.resolver import DOUBTED, REMEMBERED, Resolver
from tests.limited_threads import LimitedThreads

from .names import Names, SteppedClock

HOST = "files.example"


def failure(resolver: Resolver, host: str, port: int = 443) -> TransferError:
    with pytest.raises(TransferError) as caught:
        resolver.addresses(host, port)
    return caught.value


def test_a_name_has_the_addresses_that_the_name_server_gives() -> None:
    with closing(Resolver(5, Clock(), LookUps(Names("192.0.2.1", "192.0.2.2")))) as resolver:
        assert resolver.addresses(HOST, 443) == [
            Address(socket.AF_INET, ("192.0.2.1", 443)),
            Address(socket.AF_INET, ("192.0.2.2", 443)),
        ]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_address_needs_no_name_server(address: str) -> None:
    names = Names()
    with closing(Resolver(5, Clock(), LookUps(names))) as resolver:
        assert [str(found) for found in resolver.addresses(address, 443)] == [address]
    assert names.questions == 0


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".example", "a..b"])
def test_a_name_that_does_not_exist_is_a_failure_of_dns(host: str) -> None:
    def absent(host: str, port: int) -> Sequence[Address]:
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, port)

    with closing(Resolver(5, Clock(), LookUps(absent))) as resolver:
        unknown = failure(resolver, host)
    assert unknown.kind == "dns"
    assert f"{host} port 443: " in unknown.detail


def test_a_name_without_an_address_is_a_failure_of_dns() -> None:
    with closing(Resolver(5, Clock(), LookUps(Names()))) as resolver:
        assert "no address" in failure(resolver, "bare.example").detail


def test_an_answer_is_remembered_and_asked_for_again_later() -> None:
    clock, names = SteppedClock(), Names("192.0.2.1")
    with closing(Resolver(5, clock, LookUps(names))) as resolver:
        for moment, questions in ((0, 1), (REMEMBERED - 1, 1), (REMEMBERED, 2)):
            clock.moment = moment
            resolver.addresses(HOST, 443)
            assert names.questions == questions


def test_an_answer_in_doubt_is_asked_for_again_after_a_second() -> None:
    clock, names = SteppedClock(), Names("192.0.2.1")
    with closing(Resolver(5, clock, LookUps(names))) as resolver:
        resolver.doubt(HOST, 443)  # of which nothing is known yet
        for moment, questions in ((0, 1), (DOUBTED - 1, 1), (DOUBTED, 2)):
            clock.moment = moment
            resolver.addresses(HOST, 443)
            assert names.questions == questions
            if not moment:
                resolver.doubt(HOST, 443)


def test_doubt_never_makes_an_answer_last_longer() -> None:
    clock, names = SteppedClock(), Names("192.0.2.1")
    with closing(Resolver(5, clock, LookUps(names))) as resolver:
        resolver.addresses(HOST, 443)
        clock.moment = REMEMBERED - 1
        resolver.doubt(HOST, 443)
        clock.moment = REMEMBERED
        resolver.addresses(HOST, 443)
    assert names.questions == 2


def test_an_answer_is_remembered_for_a_bounded_time() -> None:
    assert 10 * SECOND <= REMEMBERED <= 60 * SECOND


def test_a_failed_look_up_is_not_remembered() -> None:
    names = Names()
    with closing(Resolver(5, Clock(), LookUps(names))) as resolver:
        assert failure(resolver, HOST).kind == "dns"
        names.answers = ("192.0.2.1",)
        assert resolver.addresses(HOST, 443)


def test_greenlets_that_ask_at_once_share_one_look_up() -> None:
    names = Names("192.0.2.1", hangs=True)
    with closing(Resolver(5, Clock(), LookUps(names))) as resolver:
        asking = [gevent.spawn(resolver.addresses, HOST, 443) for _ in range(20)]
        gevent.sleep(0.05)
        names.held.release()
        assert all(each.value for each in gevent.joinall(asking, timeout=10, raise_error=True))
    assert names.questions == 1


def test_a_greenlet_that_is_killed_leaves_the_look_up_to_the_others() -> None:
    names = Names("192.0.2.1", hangs=True)
    with closing(Resolver(5, Clock(), LookUps(names))) as resolver:
        first, second = (gevent.spawn(resolver.addresses, HOST, 443) for _ in range(2))
        gevent.sleep(0.05)
        first.kill(timeout=5)
        names.held.release()
        assert second.get(timeout=5)


def test_closing_fails_greenlets_that_wait_and_ends_the_thread() -> None:
    names = Names(hangs=True)
    before = threading.active_count()
    resolver = Resolver(20, Clock(), LookUps(names))
    waiting = gevent.spawn(failure, resolver, "silent.example")
    gevent.sleep(0.05)
    resolver.close()
    ended = waiting.get(timeout=5)
    assert (ended.kind, "the job has ended" in ended.detail) == ("dns", True)
    names.held.release()
    gevent.sleep(0.2)
    assert threading.active_count() == before


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_a_look_up_without_descriptors_is_no_failure_of_dns(number: int) -> None:
    def starved(host: str, port: int) -> Sequence[Address]:
        raise OSError(number, "Too many open files")

    starving: LookUp = starved
    with closing(Resolver(5, Clock(), LookUps(starving))) as resolver:
        assert failure(resolver, HOST).kind == "descriptors"


def test_a_thread_that_cannot_start_is_no_failure_of_dns_and_does_not_last() -> None:
    names, limited = Names("192.0.2.1"), LimitedThreads(0)
    with closing(Resolver(5, Clock(), LookUps(names, start_thread=limited))) as resolver:
        for _ in range(2):
            starved = failure(resolver, HOST)
            assert starved.kind == "threads"
            assert f"{HOST} port 443: no thread can be started" in starved.detail
        limited.most = 1
        assert resolver.addresses(HOST, 443)
    assert names.questions == 1


def test_ten_names_that_hang_delay_no_other() -> None:
    hanging, quick = Names(hangs=True), Names("192.0.2.1")

    def look_up(host: str, port: int) -> Sequence[Address]:
        return (quick if host == HOST else hanging)(host, port)

    with closing(Resolver(5, Clock(), LookUps(look_up))) as resolver:
        for number in range(10):
            gevent.spawn(failure, resolver, f"{number}.example")
        gevent.sleep(0.05)
        with gevent.Timeout(4):
            assert resolver.addresses(HOST, 443)
        hanging.held.release()


def test_an_error_of_the_look_up_itself_fails_those_who_wait() -> None:
    def broken(host: str, port: int) -> Sequence[Address]:
        raise KeyError(host)

    with closing(Resolver(5, Clock(), LookUps(broken))) as resolver:
        assert failure(resolver, HOST).kind == "internal"


def test_an_address_or_a_known_name_needs_no_question() -> None:
    names = Names("192.0.2.1")
    with closing(Resolver(5, Clock(), LookUps(names))) as resolver:
        assert resolver.remembered("192.0.2.7", 443)
        assert not resolver.remembered(HOST, 443)
        found = resolver.addresses(HOST, 443)
        assert resolver.remembered(HOST, 443) == found
