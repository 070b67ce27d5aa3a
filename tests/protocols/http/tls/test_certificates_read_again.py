"""Certificates and keys that are replaced while a job runs."""

from __future__ import annotations

import logging
import os
import ssl
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import gevent
import pytest

from fthg.clock import SECOND, Clock
from fthg.errors import StartError
from fthg.protocols.http.tls.identity import Identity
from fthg.protocols.http.tls.settings import TlsSettings, find_settings
from tests.fakes import FakeClock
from tests.servers.certificates import Authority, Pair, make_ca
from tests.servers.hung_disk import hung_disk

from ..jobs import failed, options, sender, transfer
from .identities import asking_server, issue, write_pkcs12


class _Bench:
    """A job's certificate and key, in files that are replaced, and what it has of them."""

    def __init__(self, directory: Path, ca: Authority, bundle: bool = False) -> None:
        self._directory, self._ca, self._bundle = directory, ca, bundle
        self.cert, self.key = directory / "live.pem", directory / "live.key"
        self.replace(self.new("first"))
        self.clock = FakeClock()
        given = {"cert": str(self.cert)}
        if not bundle:
            given["key"] = str(self.key)
        self.given = {"ca": str(ca.cert), **given}
        self.settings = find_settings(options("https://localhost/", **self.given), self.clock)

    def new(self, name: str) -> Pair:
        """Return a certificate and key that are not in use yet."""
        return issue(self._directory / name, self._ca)[0]

    def replace(self, pair: Pair, what: Sequence[str] = ("cert", "key")) -> None:
        """Put new files in place of those in use."""
        if self._bundle:
            write_pkcs12(self.cert.with_suffix(".new"), pair)
            os.replace(self.cert.with_suffix(".new"), self.cert)
            return
        for name in what:
            fresh = self._directory / "fresh"
            fresh.write_bytes(getattr(pair, name).read_bytes())
            os.replace(fresh, getattr(self, name))

    def next(self) -> str:
        """Return the name of the certificate that a connection shows two seconds later."""
        self.clock.pass_by(2 * SECOND)
        return subject_of(self.settings)


def subject_of(settings: TlsSettings) -> str:
    identity = settings.current().identity
    assert isinstance(identity, Identity)
    assert identity.certificate is not None
    return identity.certificate.subject.rfc4514_string()


@pytest.fixture(params=[False, True], ids=["PEM", "PKCS#12"])
def bench(request: pytest.FixtureRequest, tmp_path: Path, ca: Authority) -> _Bench:
    return _Bench(tmp_path, ca, request.param)


@pytest.fixture
def pems(tmp_path: Path, ca: Authority, caplog: pytest.LogCaptureFixture) -> _Bench:
    caplog.set_level(logging.INFO, "fthg")
    return _Bench(tmp_path, ca)


def test_replaced_files_are_used_and_the_same_files_are_not_read_again(bench: _Bench) -> None:
    first = bench.settings.current()
    assert bench.next() == "CN=first"
    assert bench.settings.current() is first
    bench.replace(bench.new("second"))
    assert subject_of(bench.settings) == "CN=first", "it looks at them all the time"
    assert bench.next() == "CN=second"


def test_a_pair_that_does_not_fit_yet_changes_nothing_and_is_tried_again(
    pems: _Bench, caplog: pytest.LogCaptureFixture
) -> None:
    second = pems.new("second")
    pems.replace(second, ["cert"])
    assert [pems.next() for _ in range(3)] == ["CN=first"] * 3
    (warning,) = [record.msg for record in caplog.records]
    assert "does not belong to the certificate" in warning
    assert "read before is used further" in warning
    pems.replace(second, ["key"])
    assert pems.next() == "CN=second"
    assert [record.msg for record in caplog.records][1] == "certificates read again"


def test_the_server_sees_the_old_certificate_as_long_as_the_new_one_lacks_its_key(
    pems: _Bench, small: Path, ca: Authority, certificate: Pair
) -> None:
    second, clock = pems.new("second"), _Later()
    with asking_server(ca, certificate) as (server, seen):
        url = f"https://localhost:{server.port}/"
        with sender(url, clock, reuse=False, **pems.given) as made:
            for what in (["cert"], ["key"]):
                pems.replace(second, what)
                clock.skip += 2 * SECOND
                assert made.send(transfer(small)).code == 200
    assert seen == ["CN=first", "CN=second"]


def test_missing_and_half_written_files_change_nothing_and_are_reported_once_each(
    pems: _Bench, caplog: pytest.LogCaptureFixture
) -> None:
    second = pems.new("second")
    whole = second.cert.read_bytes()
    pems.cert.unlink()
    assert [pems.next() for _ in range(3)] == ["CN=first"] * 3
    for half in (b"", whole[:200], whole[:300]):
        pems.cert.write_bytes(half)
        assert [pems.next() for _ in range(3)] == ["CN=first"] * 3
    assert len(caplog.records) == 4
    assert "No such file" in caplog.records[0].msg
    pems.replace(second)
    assert pems.next() == "CN=second"


def test_an_authority_that_is_replaced_is_trusted(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(make_ca(tmp_path, "other").cert.read_bytes())
    with asking_server(ca, certificate) as (server, seen):
        pair, _ = issue(tmp_path / "client", ca)
        clock, url = _Later(), f"https://localhost:{server.port}/"
        with sender(url, clock, ca=str(trusted), cert=str(pair.cert), key=str(pair.key)) as made:
            assert "unknown CA" in failed(made, transfer(small)).detail
            trusted.write_bytes(ca.cert.read_bytes())
            clock.skip += 2 * SECOND
            assert made.send(transfer(small)).code == 200
    assert seen == ["CN=client"]


class _Later(Clock):
    """The machine's clock, and as much later as it skips."""

    def __init__(self) -> None:
        super().__init__()
        self.skip = 0
        real = self.now
        self.now = lambda: real() + self.skip  # type: ignore[method-assign]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_next_new_connection_shows_the_new_certificate_and_resumes_no_old_session(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair, version: ssl.TLSVersion
) -> None:
    bench = _Bench(tmp_path, ca)
    with asking_server(ca, certificate, version=version) as (server, seen):
        clock, url = _Later(), f"https://localhost:{server.port}/"
        with (
            sender(url, clock, reuse=False, **bench.given) as new,
            sender(url, clock, **bench.given) as kept,
        ):
            for step, name in enumerate(("second", "third")):
                for made in (new, new, kept):  # the second one resumes a session
                    assert made.send(transfer(small, seq=step)).code == 200
                bench.replace(bench.new(name))
                clock.skip += 2 * SECOND
            assert new.send(transfer(small)).code == 200
        connections = server.connections
    one, two, first = "CN=first", "CN=second", "CN=first"
    assert seen == [one, one, first, two, two, first, "CN=third"]
    assert connections == 6, "the kept connection did not go on"


def test_a_new_certificate_that_has_expired_is_reported(
    pems: _Bench, ca: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pems.clock = FakeClock(Clock().utc())
    pems.settings = find_settings(options("https://localhost/", **pems.given), pems.clock)
    life = (timedelta(days=-3), timedelta(days=-1))
    pems.replace(issue(tmp_path / "old", ca, life=life)[0])
    assert pems.next() == "CN=old"
    assert "(CN=old) has expired" in caplog.records[-1].msg
    assert caplog.records[-1].levelname == "WARNING"


def test_a_file_system_that_hangs_holds_up_nobody_for_long(
    tmp_path: Path, ca: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    before = threading.active_count()
    with hung_disk(tmp_path) as disk:
        issue(disk.behind / "client", ca)
        clock = FakeClock()
        given = {"cert": str(disk.path / "client.pem"), "key": str(disk.path / "client.key")}
        settings = find_settings(options("https://localhost/", **given), clock)
        disk.hang()
        turns: list[int] = []
        others = gevent.spawn(_take_turns, turns)
        for _ in range(3):  # only the first one waits, for a second
            clock.pass_by(2 * SECOND)
            assert subject_of(settings) == "CN=client"
        others.kill()
        assert len(turns) > 10
        (warning,) = [record.msg for record in caplog.records]
        assert "the file system does not answer" in warning

        patience = options("https://localhost/", connect_timeout=0.3, **given)
        with pytest.raises(StartError, match="the file system does not answer"):
            find_settings(patience, FakeClock())
        first = settings.current()
        disk.go_on()
        issue(disk.behind / "client", ca)
        while settings.current() is first:  # the test's own timeout ends it
            gevent.sleep(0.05)
            clock.pass_by(2 * SECOND)
    assert threading.active_count() == before


def test_a_file_system_that_hangs_fails_no_transfer_with_a_short_time_to_connect(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    with hung_disk(tmp_path) as disk, asking_server(ca, certificate) as (server, seen):
        issue(disk.behind / "client", ca)
        given = {"cert": str(disk.path / "client.pem"), "key": str(disk.path / "client.key")}
        clock, url = _Later(), f"https://localhost:{server.port}/"
        with sender(url, clock, ca=str(ca.cert), reuse=False, connect_timeout=0.8, **given) as made:
            disk.hang()
            clock.skip += 2 * SECOND
            assert made.send(transfer(small)).code == 200
            disk.go_on()
    assert seen == ["CN=client"]


def _take_turns(turns: list[int]) -> None:
    while True:
        gevent.sleep(0.01)
        turns.append(1)
