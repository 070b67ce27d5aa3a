"""Look-ups of many jobs at once."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

import gevent

from fthg import native
from fthg.clock import Clock
from fthg.errors import TransferError
from fthg.protocols.addresses import Address
from fthg.protocols.look_ups import LookUps
from fthg.protocols.resolver import Resolver
from tests.waiting import until

from .names import Names

MOST = 448
"""Threads for the look-ups of all jobs."""


class Servers:
    """Name servers, of which those for `*.hangs` do not answer until they are let go."""

    def __init__(self) -> None:
        self.quick = Names("192.0.2.1")
        self.hanging = Names("192.0.2.2", hangs=True)

    def __call__(self, host: str, port: int) -> Sequence[Address]:
        return (self.hanging if host.endswith(".hangs") else self.quick)(host, port)


def asked(resolver: Resolver, host: str) -> object:
    try:
        return resolver.addresses(host, 22)
    except TransferError as error:
        return error.detail


@contextmanager
def resolvers_of(look_ups: LookUps, jobs: int, timeout: float) -> Iterator[Sequence[Resolver]]:
    """Make a resolver for each of so many jobs, until the end of the block."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(closing(Resolver(timeout, Clock(), look_ups))) for _ in range(jobs)
        ]


def test_jobs_that_ask_for_one_name_at_once_share_one_look_up() -> None:
    servers, jobs = Servers(), 200
    look_ups = LookUps(servers)
    with resolvers_of(look_ups, jobs, 15) as resolvers:
        asking = [gevent.spawn(asked, resolver, "one.hangs") for resolver in resolvers]
        gevent.sleep(0.1)
        assert look_ups.threads == 1
        resolvers[0].close()
        assert asking[0].get(timeout=5) == "one.hangs port 22: the job has ended"
        servers.hanging.held.release()
        assert all(isinstance(each.get(timeout=5), list) for each in asking[1:])
    assert servers.hanging.questions == 1
    until(lambda: look_ups.threads == 0)


def test_fifty_jobs_whose_name_servers_hang_stall_no_other() -> None:
    servers = Servers()
    look_ups = LookUps(servers)
    with resolvers_of(look_ups, 60, 4) as resolvers:
        hung = [
            gevent.spawn(asked, resolver, f"{number}.hangs")
            for number, resolver in enumerate(resolvers[:50])
        ]
        gevent.sleep(0.05)
        assert look_ups.threads == 50
        waiting = [
            gevent.spawn(asked, resolver, f"{number}.example")
            for number, resolver in enumerate(resolvers[50:])
        ]
        assert all(isinstance(each.get(timeout=4), list) for each in waiting)
        assert look_ups.threads <= MOST
        # From now on those that hang wait with their like.
        assert all("did not answer" in str(each.get(timeout=12)) for each in hung)
        again = gevent.spawn(asked, resolvers[0], "0.hangs")
        quick = gevent.spawn(asked, resolvers[1], "new.example")
        assert isinstance(quick.get(timeout=1), list)
        servers.hanging.held.release()
        assert isinstance(again.get(timeout=5), list)
    until(lambda: look_ups.threads == 0)


def test_a_hundred_names_of_a_thousand_that_hang_make_no_other_wait_long() -> None:
    servers = Servers()
    look_ups = LookUps(servers)
    with resolvers_of(look_ups, 1000, 9) as resolvers:
        asking = [
            gevent.spawn(asked, resolver, f"{number}.{'example' if number % 10 else 'hangs'}")
            for number, resolver in enumerate(resolvers)
        ]
        others = [each for number, each in enumerate(asking) if number % 10]
        gevent.joinall(others, timeout=5)
        assert all(isinstance(each.value, list) for each in others)
        assert 100 < look_ups.threads <= MOST
        servers.hanging.held.release()
        gevent.joinall(asking)
    until(lambda: look_ups.threads == 0)


def test_names_that_are_all_answered_slowly_are_answered_in_time_within_the_bound() -> None:
    lock, running, at_once = native.make_lock(), [0], [0]

    def count(more: int) -> None:
        with lock:
            running[0] += more
            at_once.append(running[0])

    def slow(_: str, port: int) -> Sequence[Address]:
        count(1)
        native.sleep(1.1)
        count(-1)
        return [Address(socket.AF_INET, ("192.0.2.1", port))]

    look_ups = LookUps(slow)
    with ExitStack() as stack:
        for _ in range(2):  # at first among those that are quick, and then among their like
            resolvers = [
                stack.enter_context(closing(Resolver(8, Clock(), look_ups))) for _ in range(300)
            ]
            asking = [
                gevent.spawn(asked, resolver, f"{number}.example")
                for number, resolver in enumerate(resolvers)
            ]
            gevent.joinall(asking)
            assert all(isinstance(each.value, list) for each in asking)
    assert 32 < max(at_once) <= MOST
    until(lambda: look_ups.threads == 0)
