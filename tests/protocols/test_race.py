"""Several addresses of a name, tried side by side."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Optional

import gevent

from fthg.clock import SECOND, Clock
from fthg.protocols.addresses import Address
from fthg.protocols.race import Failed, Race, Spares
from tests.servers import free_port

from .silence import silence

ALIVE = "127.0.0.1"


class Course:
    """Addresses on one port: those that listen, those that are silent, and all others refuse."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.failed: list[Failed] = []
        self.spares = Spares()

    def run(self, *hosts: str, seconds: float = 5) -> Optional[str]:
        """Return the address that was connected to."""
        winner = self.race(*hosts, seconds=seconds).run()
        if winner is None:
            return None
        with winner.socket as connection:
            host: str = connection.getpeername()[0]
            return host

    def race(self, *hosts: str, seconds: float = 5) -> Race:
        order = [Address(family_of(host), (host, self.port)) for host in hosts]
        clock = Clock()
        deadline = clock.now() + round(seconds * SECOND)
        return Race(order, deadline, clock, self.spares, self.failed.append)

    def failures(self) -> Sequence[tuple[str, int]]:
        return [(str(each.address), each.number) for each in self.failed]


def family_of(host: str) -> int:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


@contextmanager
def course(*silent: str, alive: Sequence[str] = (ALIVE,)) -> Iterator[Course]:
    with ExitStack() as stack:
        port = free_port()
        for host in alive:
            address = (host, port)
            stack.enter_context(socket.create_server(address, family=family_of(host)))
        for host in silent:
            stack.enter_context(silence(host, port))
        yield Course(port)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_one_address_connects_without_a_failure() -> None:
    with course() as here:
        assert here.run(ALIVE) == ALIVE
        assert here.failed == []


def test_the_next_address_is_tried_at_once_after_a_refusal() -> None:
    with course() as here:
        assert here.run("127.0.0.2", "127.0.0.3", ALIVE) == ALIVE
        assert here.failures() == [
            ("127.0.0.2", errno.ECONNREFUSED),
            ("127.0.0.3", errno.ECONNREFUSED),
        ]
        assert max(each.seconds for each in here.failed) < 0.2


def test_a_silent_address_first_costs_a_moment_and_is_a_failure() -> None:
    with course("127.0.0.2") as here:
        assert here.run("127.0.0.2", ALIVE, seconds=20) == ALIVE
        (overtaken,) = here.failed
        assert (str(overtaken.address), overtaken.number) == ("127.0.0.2", errno.ETIMEDOUT)
        assert 0.25 <= overtaken.seconds < 10


def test_a_silent_ipv6_address_is_overtaken_by_ipv4() -> None:
    with course("::1") as here:
        assert here.run("::1", ALIVE, seconds=20) == ALIVE
        assert here.failures() == [("::1", errno.ETIMEDOUT)]


def test_silent_addresses_fail_with_the_time_that_each_has_had() -> None:
    with course("127.0.0.2", "127.0.0.3", alive=()) as here:
        assert here.run("127.0.0.2", "127.0.0.3", seconds=0.6) is None
        first, second = here.failed
        assert first.number == second.number == errno.ETIMEDOUT
        assert first.seconds >= 0.6
        assert 0.3 <= second.seconds <= first.seconds - 0.2
        assert all(each.local_port for each in here.failed)


def test_an_address_that_answers_late_has_the_whole_time_among_eight() -> None:
    silent = [f"127.0.0.{number}" for number in range(2, 9)]
    with course(*silent, alive=()) as here, silence(ALIVE, here.port) as late:

        def answer() -> socket.socket:
            gevent.sleep(0.3)
            return late.accept()[0]

        answering = gevent.spawn(answer)
        # It is heard at the second SYN, a second after the first one.
        assert here.run(ALIVE, *silent, seconds=4) == ALIVE
        assert here.failed == []
        answering.get(timeout=5).close()


def test_an_address_that_had_no_time_to_answer_has_not_failed() -> None:
    with course("127.0.0.3") as here:
        # The third begins at once after the second's refusal, and has 0 ms when the first connects.
        assert here.run(ALIVE, "127.0.0.2", "127.0.0.3") == ALIVE
        assert here.failed == []


def test_no_more_than_the_spare_attempts_are_under_way_beside_the_first_ones() -> None:
    with course("127.0.0.2", "127.0.0.3", "127.0.0.4", alive=()) as here:
        here.spares.left = 1
        before = descriptors()
        races = [
            gevent.spawn(here.race("127.0.0.2", "127.0.0.3", "127.0.0.4", seconds=1.5).run)
            for _ in range(3)
        ]
        gevent.sleep(0.9)
        assert descriptors() - before == 4
        assert here.spares.left == 0
        assert gevent.joinall(races, timeout=10, raise_error=True)
        assert here.spares.left == 1


def test_a_race_that_is_killed_leaves_no_descriptor_and_no_greenlet() -> None:
    with course("127.0.0.2", "127.0.0.3", alive=()) as here:
        before = descriptors()
        for moment in (0, 0.1, 0.3):
            running = gevent.spawn(here.race("127.0.0.2", "127.0.0.3", seconds=20).run)
            gevent.sleep(moment)
            running.kill(timeout=5)
            gevent.sleep(0.01)
            assert descriptors() == before
        assert here.spares.left == Spares().left


def test_an_address_for_which_there_can_be_no_socket_fails_like_others() -> None:
    with course() as here:
        unknown = Address(9999, (ALIVE, here.port))  # as IPv6 is on a host without it
        known = Address(socket.AF_INET, (ALIVE, here.port))
        deadline = Clock().now() + 5 * SECOND
        winner = Race([unknown, known], deadline, Clock(), here.spares, here.failed.append).run()
        assert winner is not None
        winner.socket.close()
        assert here.failed == [Failed(unknown, errno.EAFNOSUPPORT, 0.0, 0, bound=False)]


def test_time_that_is_up_while_nothing_else_ran_does_not_hide_an_answer() -> None:
    class Late(Clock):
        """Jumps far ahead after its first readings, as after a standstill."""

        def __init__(self) -> None:
            super().__init__()
            self.readings = 0
            self.now = self.read  # type: ignore[method-assign]

        def read(self) -> int:
            self.readings += 1
            return 0 if self.readings < 4 else 100 * SECOND

    with course() as here:
        order = [Address(socket.AF_INET, (ALIVE, here.port))]
        winner = Race(order, SECOND, Late(), here.spares, here.failed.append).run()
        assert winner is not None
        winner.socket.close()


def test_a_local_address_that_is_gone_fails_one_attempt_and_leaves_no_descriptor() -> None:
    gone, here = (Address(socket.AF_INET, (host, 0)) for host in ("192.0.2.5", "127.0.0.3"))
    turns = iter([gone, here])
    with course() as place:
        alive = Address(socket.AF_INET, (ALIVE, place.port))
        before = descriptors()
        clock, spares, failed = Clock(), place.spares, place.failed
        deadline = clock.now() + 5 * SECOND
        order = [alive, alive]
        winner = Race(order, deadline, clock, spares, failed.append, lambda _: next(turns)).run()
        assert winner is not None
        with winner.socket as connection:
            assert connection.getsockname()[0] == "127.0.0.3"
        assert failed == [Failed(alive, errno.EADDRNOTAVAIL, 0.0, 0, gone, bound=False)]
        assert descriptors() == before
