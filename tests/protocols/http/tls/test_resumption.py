"""TLS sessions resumed; a socket is asked for its session as rarely as possible."""

from __future__ import annotations

from typing import Any, cast

from fthg.clock import SECOND
from fthg.protocols.http.tls.resumption import Resumption
from tests.fakes import FakeClock

MINUTE = 60 * SECOND


class _Bench:
    """Connections one after another; `asked` counts how often one was asked for its session."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.resumption = Resumption(self.clock)
        self.asked = 0
        self.context: Any = object()

    @property
    def session(self) -> Any:
        """Return the session that the next connection resumes."""
        return self.resumption.session(self.context)

    def connect(self, resumed: bool, after: int = 0) -> None:
        self.clock.pass_by(after)
        self.resumption.session(self.context)
        self.answer(resumed, self.context)

    def answer(self, resumed: bool, began_with: Any) -> None:
        bench = self

        class Stream:
            context = began_with
            session_reused = resumed

            @property
            def session(self) -> str:
                bench.asked += 1
                return f"session {bench.asked}"

        self.resumption.learn(cast("Any", Stream()))


def test_a_session_that_was_resumed_stays_and_no_other_is_asked_for() -> None:
    bench = _Bench()
    bench.connect(resumed=False)
    for _ in range(100):
        bench.connect(resumed=True, after=MINUTE)
    assert bench.asked == 1
    assert bench.session == "session 1"


def test_many_connections_at_once_ask_for_one_session() -> None:
    bench = _Bench()
    for _ in range(256):
        bench.connect(resumed=False)
    assert bench.asked == 1


def test_a_server_that_forgot_the_session_is_asked_for_a_new_one_at_once() -> None:
    bench = _Bench()
    bench.connect(resumed=False)
    bench.connect(resumed=True, after=MINUTE)
    bench.connect(resumed=False, after=SECOND)
    assert bench.session == "session 2"


def test_a_server_that_resumes_nothing_is_rarely_asked() -> None:
    bench = _Bench()
    for _ in range(24 * 3600):
        bench.connect(resumed=False, after=SECOND)
    assert bench.asked < 40


def test_after_a_failed_handshake_none_is_resumed() -> None:
    bench = _Bench()
    bench.connect(resumed=False)
    bench.resumption.forget()
    assert bench.session is None


def test_a_session_is_not_resumed_with_another_certificate() -> None:
    bench = _Bench()
    bench.connect(resumed=False)
    before, bench.context = bench.context, object()
    assert bench.session is None
    bench.answer(resumed=False, began_with=before)  # a kept connection goes on
    assert (bench.asked, bench.session) == (1, None)
    bench.connect(resumed=False)
    assert bench.session == "session 2", "it waited a minute before it asked again"


def test_where_no_connection_resumes_none_is_asked_for_its_session() -> None:
    bench = _Bench()
    bench.answer(resumed=False, began_with=object())
    assert bench.asked == 0
