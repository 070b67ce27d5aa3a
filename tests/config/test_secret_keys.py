"""Every secret key of every schema: marked as one, and shown by no output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fthg import cli
from fthg.clock import Clock
from fthg.config import settings
from fthg.config.argv import masked_options
from fthg.config.logging_options import LOGGING_KEYS, log_settings
from fthg.config.schema import Key, Schema, keys_of
from fthg.config.secret_names import is_secret_name
from fthg.config.secret_texts import MASK
from fthg.config.show import show
from fthg.errors import ConfigError
from fthg.load.options import JOB_KEYS, job_keys
from fthg.log import Log, start
from fthg.log.masks import Masks
from fthg.program import SECTIONS
from fthg.protocols import SENDERS
from fthg.track.side import SIDE_KEYS
from tests.screen import screen

CANARY = "K7c0ffee"

SCHEMAS: dict[str, Schema] = {
    "run": SECTIONS.run,
    "logging": LOGGING_KEYS,
    "every job": JOB_KEYS,
    **{f"jobs by {protocol}": sender.keys for protocol, sender in SENDERS.items()},
    "track": SECTIONS.track,
    "a database": SIDE_KEYS,
}


def all_keys(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Key]]:
    for key in keys_of(schema):
        yield (*path, key.name), key
        yield from all_keys(key.inner or {}, (*path, key.name))


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_with_the_name_of_a_secret_is_marked_and_no_other(name: str) -> None:
    # Marked keys are also secret by name, as that is all there is where YAML cannot be parsed.
    found = [(path, key.secret) for path, key in all_keys(SCHEMAS[name])]
    assert found
    assert found == [(path, is_secret_name(path[-1])) for path, _ in found]


WHOLE: dict[str, Any] = {
    "jobs": {
        "http": {"url": "https://h/", "files": ".", "rate": "1/s", "cert": "c", "key": "k"},
        "sftp": {"url": "sftp://ann@h/", "files": ".", "rate": "1/s", "key": "k"},
    },
    "track": {
        "ingress": {"host": "h", "user": "ann", "database": "d"},
        "egress": {"host": "h", "user": "ann", "database": "d"},
    },
}
VALUES = {"auth": {"bearer": CANARY}}
NEEDED = {"jump": {"host": "ann@h", "key": "k"}}
"""Section → the keys that it cannot do without."""
PATHS = [
    path
    for above, schema in (
        (("run",), SECTIONS.run),
        (("logging",), LOGGING_KEYS),
        (("jobs", "http"), job_keys("https")),
        (("jobs", "sftp"), job_keys("sftp")),
        (("defaults",), job_keys("")),
        (("track",), SECTIONS.track),
    )
    for path, key in all_keys(schema, above)
    if key.secret
]


def test_the_secret_keys_are_those_of_this_list() -> None:
    assert {".".join(path) for path in PATHS} == {
        "jobs.http.auth",
        "jobs.http.passphrase",
        "jobs.sftp.password",
        "jobs.sftp.passphrase",
        "jobs.sftp.jump.passphrase",
        "defaults.auth",
        "defaults.password",
        "defaults.passphrase",
        "defaults.jump.passphrase",
        "track.ingress.password",
        "track.egress.password",
    }


@pytest.fixture(params=PATHS, ids=".".join)
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A configuration with a canary at one secret key."""
    tree = json.loads(json.dumps(WHOLE))
    *above, name = request.param
    section = tree
    for step in above:
        section = section.setdefault(step, dict(NEEDED.get(step, {})))
    section[name] = VALUES.get(name, CANARY)
    path = tmp_path / "jobs.yaml"
    path.write_text(json.dumps(tree))
    path.chmod(0o600)
    return path


def read(config: Path, *words: str) -> settings.Settings:
    return settings.read(cli.parse(["-c", str(config), *words]), SECTIONS)


def test_a_secret_key_is_masked_in_the_configuration_that_is_shown(config: Path) -> None:
    found = read(config)
    shown = "\n".join(show(found.tree, found.schema))
    assert MASK in shown
    assert CANARY not in shown


def test_a_secret_key_is_masked_in_errors_that_quote_its_value(config: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(config, "--set", f"run.duration={CANARY}", "--set", "run.workers=c0ffee")
    assert len(caught.value.errors) == 2
    assert "c0ffee" not in str(caught.value)


def test_a_secret_key_is_masked_in_logs(config: Path, tmp_path: Path) -> None:
    found = read(config, "--log-file", str(tmp_path / "log"))
    with screen() as shown:
        logs = start(log_settings(found.logging, shown.terminal, found.secrets()), Clock())
        try:
            Log("fthg.test").warning(f"the server says {CANARY}", detail=CANARY)
        finally:
            logs.close()
        for log in ((tmp_path / "log").read_text(), shown.text):
            assert "the server says" in log
            assert CANARY not in log


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_a_secret_key_is_masked_in_ps(path: tuple[str, ...]) -> None:
    given = f"{'.'.join(path)}={json.dumps(VALUES.get(path[-1], CANARY))}"
    ((_, shown),) = masked_options(cli.parse(["--set", given]), SECTIONS)
    assert shown.startswith(f"{'.'.join(path)}=*")
    assert len(shown) == len(given)
    assert CANARY not in shown


@pytest.mark.parametrize("name", ["pasword", "passwrod", "passphrse", "baerer", "X-Api-Key"])
def test_the_value_of_a_misspelled_key_shows_in_no_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text(f"run: {{duration: {CANARY}}}\ntrack:\n  ingress:\n    {name}: {CANARY}\n")
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert name in str(caught.value)
    assert CANARY not in str(caught.value)


def test_what_a_secret_file_holds_is_secret_and_its_path_is_not(tmp_path: Path) -> None:
    for name in ("a.secret", "b.secret", "c.secret", "d.secret"):
        (tmp_path / name).write_text(f"{CANARY}-{name}\n")
    (tmp_path / "my.cnf").write_text(f"[client]\npassword={CANARY}-my.cnf\n")
    path = tmp_path / "jobs.yaml"
    job = "files: ., rate: 1/s"
    path.write_text(
        f"jobs:\n  a: {{url: 'sftp://ann@h/', {job}, password_file: a.secret, "
        "jump: {host: h, password_file: d.secret}}\n"
        f"  b: {{url: 'http://h/', {job}, auth: {{bearer: {{token_file: b.secret}}}}}}\n"
        "track: {ingress: {password_file: c.secret}, egress: {option_file: my.cnf}}\n"
    )
    found = read(path)
    names = ("a.secret", "b.secret", "c.secret", "d.secret", "my.cnf")
    assert {f"{CANARY}-{name}" for name in names} <= found.secrets()
    assert not set(names) & found.secrets()
    assert "password_file: a.secret" in "\n".join(show(found.tree, found.schema))


@pytest.mark.parametrize("scheme", ["", "http://", "socks5://", "socks5h://"])
def test_user_and_password_of_a_proxy_are_shown_nowhere(tmp_path: Path, scheme: str) -> None:
    job = f"files: ., rate: 1/s, proxy: '{scheme}ann:{CANARY}%40@p:1'"
    path = tmp_path / "jobs.yaml"
    path.write_text(
        f"jobs:\n  a: {{url: 'sftp://ann:x@h/', {job}}}\n  b: {{url: 'http://h/', {job}}}\n"
    )
    path.chmod(0o600)
    found = read(path)
    assert {f"{CANARY}%40", f"{CANARY}@"} <= found.secrets()
    assert CANARY not in "\n".join(show(found.tree, found.schema, Masks(found.secrets())))
