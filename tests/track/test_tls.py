"""The keys of `tls`, and the five modes against servers with and without TLS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import voluptuous as vol

from fthg.errors import DatabaseError, StartError
from fthg.track.rows import Database
from fthg.track.side import Side
from fthg.track.tls import MODES, Tls, make_context, tls_option
from tests.servers.certificates import Authority, client_certificate, make_ca, server_certificate
from tests.servers.mariadb import PASSWORD, USER, MariaDB, mariadb
from tests.servers.mysql import MySQL

from .world import DATABASE, World, read_rows


@pytest.mark.parametrize(
    ("value", "tls"),
    [
        *[(mode, Tls(mode)) for mode in MODES],
        (False, Tls("disabled")),
        ("false", Tls("disabled")),
        (True, Tls("verify_identity")),
        ({"ca": "/ca"}, Tls("verify_identity", "/ca")),
        ({}, Tls("verify_identity")),
        ({"verify": False}, Tls("required")),
        ({"verify": True}, Tls("verify_identity")),
        ({"mode": "verify_ca", "ca": "/ca"}, Tls("verify_ca", "/ca")),
        ({"mode": "required", "cert": "/c", "key": "/k"}, Tls("required", None, "/c", "/k")),
    ],
)
def test_each_form_stands_for_one_mode(value: Any, tls: Tls) -> None:
    assert tls_option(value) == tls


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("verify", "must be disabled, preferred, required, verify_ca, verify_identity, true"),
        ({"mode": "on"}, "verify_identity"),
        ({"mode": "verify_ca", "verify": True}, "leave verify out"),
        ({"verify": False, "ca": "/ca"}, "ca has no effect in mode required"),
        ({"mode": "preferred", "ca": "/ca"}, "ca has no effect in mode preferred"),
        ({"mode": "disabled", "cert": "/c"}, "cert has no effect"),
        ({"key": "/k"}, "key has no effect without cert"),
        ({"certificate": "/c"}, "extra keys"),
    ],
)
def test_what_has_no_effect_is_an_error(value: Any, error: str) -> None:
    with pytest.raises(vol.Invalid, match=error):
        tls_option(value)


def test_a_certificate_that_cannot_be_used_is_named_before_any_connection(tmp_path: Path) -> None:
    ca = make_ca(tmp_path)
    pair, other = client_certificate(ca, tmp_path), client_certificate(ca, tmp_path, "other")
    for tls, error in (
        (Tls("verify_ca", "/no/ca.pem"), r"^x\.ca: /no/ca\.pem: it cannot be read: No such file"),
        (Tls("verify_ca", str(pair.key)), r"^x\.ca: .*it holds no certificate"),
        (Tls(cert="/no/c.pem"), r"^x\.cert: /no/c\.pem: it cannot be read: No such file"),
        (Tls(cert=str(pair.cert), key=str(other.key)), r"^x\.cert: .*key that belongs to it"),
    ):
        with pytest.raises(StartError, match=error):
            make_context(tls, "x")


def test_unusable_certificates_end_a_run_with_status_3(world: World) -> None:
    side = world.side("egress", tls=Tls("verify_ca", "/no/ca.pem"))
    with pytest.raises(StartError, match=r"^track\.egress\.tls\.ca: /no/ca\.pem"):
        world.run(world.plan(egress=side))


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_ca(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def encrypted(trusted: Authority) -> Iterator[MariaDB]:
    """Run a server whose certificate is for db.example.com, not for its address."""
    pair = server_certificate(trusted, trusted.cert.parent, "named", ["db.example.com"])
    options = (f"--ssl-ca={trusted.cert}", f"--ssl-cert={pair.cert}", f"--ssl-key={pair.key}")
    with mariadb(*options) as server:
        server.schema(DATABASE)
        yield server


def _version(side: Side) -> str:
    """Return the version of TLS that the server sees; empty in plain text."""
    database = Database(side)
    try:
        database.begin()
        ((_, version),) = database._session.run("SHOW SESSION STATUS LIKE 'Ssl_version'")
        return str(version)
    finally:
        database.close()


def _side(server: MariaDB, tls: Tls) -> Side:
    return Side("ingress", "127.0.0.1", USER, DATABASE, server.port, password=PASSWORD, tls=tls)


def _refusal(side: Side) -> str:
    with pytest.raises(DatabaseError) as caught:
        read_rows(side)
    return str(caught.value)


def test_disabled_is_plain_text_and_the_others_encrypt_if_the_server_can(
    encrypted: MariaDB, trusted: Authority
) -> None:
    found = {mode: _version(_side(encrypted, Tls(mode))) for mode in MODES[:3]}
    found["verify_ca"] = _version(_side(encrypted, Tls("verify_ca", str(trusted.cert))))
    assert found.pop("disabled") == ""
    assert all(version.startswith("TLSv1.") for version in found.values()), found


def test_without_tls_at_the_server_preferred_goes_on_and_required_does_not(world: World) -> None:
    assert _version(world.side("ingress", tls=Tls("preferred"))) == ""
    for mode in MODES[2:]:
        error = _refusal(world.side("ingress", tls=Tls(mode)))
        assert "error 2026: the server offers no TLS" in error


def test_only_verify_identity_minds_the_name(encrypted: MariaDB, trusted: Authority) -> None:
    ca = str(trusted.cert)
    assert read_rows(_side(encrypted, Tls("verify_ca", ca))) == []
    error = _refusal(_side(encrypted, Tls("verify_identity", ca)))
    assert "error 2026: the server's certificate is not accepted: " in error
    assert "verify_ca" in error
    assert "firewall" not in error


@pytest.mark.parametrize("mode", MODES[3:])
def test_an_authority_that_is_not_trusted_is_named_as_the_reason(
    encrypted: MariaDB, tmp_path: Path, mode: str
) -> None:
    other = make_ca(tmp_path, "other")
    for tls in (Tls(mode), Tls(mode, str(other.cert))):
        assert "name the CA that signed it" in _refusal(_side(encrypted, tls))


def test_accounts_that_require_tls_say_so(
    encrypted: MariaDB, trusted: Authority, tmp_path: Path
) -> None:
    account = f"{USER}@'127.0.0.1'"
    try:
        encrypted.run(f"ALTER USER {account} REQUIRE SSL")
        assert "REQUIRE SSL needs tls: required" in _refusal(_side(encrypted, Tls("disabled")))
        assert read_rows(_side(encrypted, Tls())) == []
        encrypted.run(f"ALTER USER {account} REQUIRE X509")
        assert "REQUIRE X509 needs tls: {cert, key}" in _refusal(_side(encrypted, Tls()))
        pair = client_certificate(trusted, tmp_path)
        tls = Tls("verify_ca", str(trusted.cert), str(pair.cert), str(pair.key))
        assert read_rows(_side(encrypted, tls)) == []
    finally:
        encrypted.run(f"ALTER USER {account} REQUIRE NONE")


def test_a_unix_socket_is_encrypted_only_if_it_must_be(encrypted: MariaDB) -> None:
    encrypted.run(f"CREATE OR REPLACE USER {USER}@localhost IDENTIFIED BY '{PASSWORD}'")
    encrypted.run(f"GRANT SELECT ON {DATABASE}.* TO {USER}@localhost")
    side = replace(_side(encrypted, Tls()), host="localhost", socket=encrypted.socket)
    assert _version(side) == ""
    assert _version(replace(side, tls=Tls("required"))).startswith("TLSv1.")


def test_mysqls_own_certificate_has_no_name_but_its_authority_can_be_verified(
    mysql_server: MySQL,
) -> None:
    mysql_server.schema(DATABASE)
    ca = str(mysql_server.directory / "data/ca.pem")
    side = Side("egress", "127.0.0.1", USER, DATABASE, mysql_server.port, password=PASSWORD)
    assert _version(replace(side, tls=Tls("verify_ca", ca))).startswith("TLSv1.")
    assert _version(replace(side, tls=Tls("disabled"))) == ""
    assert "certificate is not accepted" in _refusal(replace(side, tls=Tls("verify_identity", ca)))


@pytest.mark.parametrize(("mode", "warned"), [("required", True), ("preferred", False)])
def test_only_required_warns_that_nobody_is_verified(
    encrypted: MariaDB, caplog: pytest.LogCaptureFixture, mode: str, warned: bool
) -> None:
    assert read_rows(_side(encrypted, Tls(mode))) == []
    assert ("not verified" in caplog.text) is warned
